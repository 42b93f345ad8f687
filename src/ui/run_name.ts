/** How a request names the run of the program whose numbers it uses (see api.ts). */

/** The field that does so. */
export const RUN_FIELD = "Tcpmon-Run";
/** The parameter that does so in an address, where no fields can be given: of a download, or of the events. */
export const RUN_PARAMETER = "run";
