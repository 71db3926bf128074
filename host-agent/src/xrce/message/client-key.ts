/** A client key as text: 8 hex digits, most significant octet first, as it stands on the wire. */
export const keyName = (key: number): string => key.toString(16).padStart(8, "0").toUpperCase();

/** The key no client may have (DDS-XRCE 1.0, 7.8.2.1.2). */
export const INVALID_CLIENT_KEY = 0;
