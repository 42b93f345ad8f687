/** Numbers of SOCKS 5 that both sides use (RFC 1928 §3–5, RFC 1929 §2). */

/** The version of the protocol. */
export const VERSION = 5;
/** The version of the login by user and password. */
export const LOGIN_VERSION = 1;
/** Method: no login is needed. */
export const NO_LOGIN = 0;
/** Method: user and password. */
export const LOGIN = 2;
/** The server's answer where no method that the client offers will do. */
export const NO_ACCEPTABLE_METHODS = 0xff;
/** Command: a connection to a host. */
export const CONNECT = 1;
/** Address type: four bytes follow. */
export const IPV4 = 1;
/** Address type: a length and a name follow. */
export const NAME = 3;
/** Address type: sixteen bytes follow. */
export const IPV6 = 4;
