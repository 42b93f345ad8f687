/** How many connections the viewer has at a time: alone in a file, as sessions without a viewer read it, too. */

/** Connections at once: a browser opens six to a page, and at most 64 pages are told what happens. */
export const MOST_CONNECTIONS = 128;
