/** RESET (DDS-XRCE 1.0, 8.3.5.13): has no body; both sides start their streams anew. */
export interface Reset {
  readonly kind: "reset";
}

export const decodeReset = (): Reset => ({ kind: "reset" });
