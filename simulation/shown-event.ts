import { AbiError, AbiEvent, writeEventInfo } from "./abi.js";
import type { Events } from "./events.js";
import type { Edge, Hardware } from "./hardware/hardware.js";

/**
 * What event_next shows to the app and event_take takes: events of entities and edges of pins, in turns.
 *
 * States: nothing is shown; an edge is (`edge`), off its pin already; an event is, and stays in its queue until it is taken.
 */
export class ShownEvent {
  private edge: Edge | undefined;
  /** The event last shown was an edge: it is another one's turn. */
  private edgeWasLast = false;

  constructor(
    private readonly events: Events,
    private readonly hardware: Hardware,
  ) {}

  /** Whether there is something to show. */
  get waits(): boolean {
    return this.edge !== undefined || this.hardware.edgeWaits || this.events.next !== undefined;
  }

  /** A run of the app begins. */
  reset(): void {
    this.edge = undefined;
  }

  /** event_next */
  next(info: Uint8Array): number {
    const event = this.events.next;
    if (this.edgeIsNext(event?.shown)) {
      const { pin, level, edges } = this.edge as Edge;
      const request = edges * 2 + level;
      writeEventInfo(info, { entity: -1 - pin, request, length: 0, flags: 0, reserved: 0 });
      return AbiEvent.EDGE;
    }
    if (event === undefined) return AbiEvent.NONE;
    event.shown = true;
    const { kind, entity, token, payload, bigEndian } = event;
    const flags = bigEndian ? 1 : 0;
    writeEventInfo(info, { entity, request: token, length: payload.byteLength, flags, reserved: 0 });
    return kind;
  }

  /** event_take */
  take(payload: Uint8Array): number {
    if (this.edge !== undefined) {
      this.edge = undefined;
      return 0;
    }
    const event = this.events.next;
    if (event?.shown !== true) return AbiError.NO_EVENT;
    if (payload.byteLength !== 0 && payload.byteLength < event.payload.byteLength) return AbiError.TOO_LARGE;
    this.events.take(event);
    if (payload.byteLength === 0) return 0;
    payload.set(event.payload);
    return event.payload.byteLength;
  }

  /** Takes turns: `other` is whether the other event that waits was shown; undefined without one. */
  private edgeIsNext(other: boolean | undefined): boolean {
    if (this.edge !== undefined) return true;
    if (other === true || (other === false && this.edgeWasLast)) {
      this.edgeWasLast = false;
      return false;
    }
    this.edge = this.hardware.takeEdge();
    this.edgeWasLast = this.edge !== undefined;
    return this.edgeWasLast;
  }
}
