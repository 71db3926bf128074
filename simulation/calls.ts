import type { ClientEnd, Graph } from "./graph.js";

/** A call of the app: kept while there is no server, then sent, then answered or forgotten. */
interface Call {
  readonly client: number;
  readonly end: ClientEnd;
  /** Until it is sent. */
  kept: Uint8Array | undefined;
}

/** The calls of one run of an app. */
export class Calls {
  private readonly calls = new Map<number, Call>();
  private tokens = 0;

  constructor(
    private readonly graph: Graph,
    private readonly onResponse: (client: number, token: number, payload: Uint8Array) => void,
  ) {}

  get inFlight(): number {
    return this.calls.size;
  }

  /** @returns the token */
  begin(client: number, end: ClientEnd, payload: Uint8Array): number {
    const token = ++this.tokens;
    const call = { client, end, kept: payload.slice() };
    this.calls.set(token, call);
    this.send(token, call);
    return token;
  }

  /** False if there is no such call. */
  forget(token: number): boolean {
    return this.calls.delete(token);
  }

  forgetAll(): void {
    this.calls.clear();
  }

  /** There may be a server now for what was kept. */
  retry(client: number): void {
    for (const [token, call] of this.calls) if (call.client === client) this.send(token, call);
  }

  private send(token: number, call: Call): void {
    const payload = call.kept;
    if (payload === undefined) return;
    const sent = this.graph.call(call.end, {
      payload,
      bigEndian: false,
      reply: (response) => {
        if (this.calls.delete(token)) this.onResponse(call.client, token, response);
      },
      // As on the network: the client is not told, and has its time-out.
      fail: () => {},
    });
    if (sent) call.kept = undefined;
  }
}
