import { CdrWriter } from "../../cdr/writer.js";
import type { ReassemblyBudget } from "../behavior/fragment-assembly.js";
import type { Route } from "../behavior/route.js";
import type { Scheduler, Task } from "../behavior/scheduler.js";
import { StatefulReader } from "../behavior/stateful-reader.js";
import { StatefulWriter } from "../behavior/stateful-writer.js";
import {
  BUILTIN,
  ENTITYID_PARTICIPANT_MESSAGE_READER,
  ENTITYID_PARTICIPANT_MESSAGE_WRITER,
} from "../structure/entity-id.js";
import { type GuidPrefix, prefixToBytes } from "../structure/guid.js";
import type { ParticipantData } from "./participant-data.js";
import { ENCAPSULATION } from "./payload.js";

/** PARTICIPANT_MESSAGE_DATA_KIND_AUTOMATIC_LIVELINESS_UPDATE (DDSI-RTPS 2.5, 9.6.3.1). */
const KIND_AUTOMATIC = 1;

/**
 * The Writer Liveliness Protocol (DDSI-RTPS 2.5, 8.4.13): asserts our automatic writers with a finite lease three
 * times per lease. What the others assert renews their participant's lease by its mere arrival, and is
 * otherwise only acknowledged: readers that watch a lease are not offered by network.ts.
 */
export class ParticipantMessages {
  readonly writer: StatefulWriter;
  readonly reader: StatefulReader;
  private readonly assertion: Task;
  private readonly payload: Uint8Array;
  /** Lease in milliseconds of each automatic writer that has one. */
  private readonly leases = new Map<object, number>();

  constructor(prefix: GuidPrefix, scheduler: Scheduler, budget: ReassemblyBudget) {
    const writer = { prefix, entityId: ENTITYID_PARTICIPANT_MESSAGE_WRITER };
    const reader = { prefix, entityId: ENTITYID_PARTICIPANT_MESSAGE_READER };
    this.writer = new StatefulWriter(
      { guid: writer, reliable: true, transientLocal: true, depth: 1 },
      scheduler,
    );
    this.reader = new StatefulReader({ guid: reader, reliable: true }, scheduler, budget, () => true);
    this.assertion = scheduler.task(() => this.assert());
    this.payload = encode(prefix);
  }

  addParticipant({ prefix, builtinEndpoints }: ParticipantData, route: Route): void {
    const policies = { reliable: true, transientLocal: true, route };
    if (builtinEndpoints & BUILTIN.participantMessageReader) {
      this.writer.match({ guid: { prefix, entityId: ENTITYID_PARTICIPANT_MESSAGE_READER }, ...policies });
    }
    if (builtinEndpoints & BUILTIN.participantMessageWriter) {
      this.reader.match({ guid: { prefix, entityId: ENTITYID_PARTICIPANT_MESSAGE_WRITER }, ...policies });
    }
  }

  removeParticipant(prefix: GuidPrefix): void {
    this.writer.unmatch({ prefix, entityId: ENTITYID_PARTICIPANT_MESSAGE_READER });
    this.reader.unmatch({ prefix, entityId: ENTITYID_PARTICIPANT_MESSAGE_WRITER });
  }

  /** Keeps `writer` alive until it is released. */
  hold(writer: object, leaseMs: number): void {
    this.leases.set(writer, leaseMs);
    this.assertion.within(0);
  }

  release(writer: object): void {
    this.leases.delete(writer);
  }

  close(): void {
    this.assertion.cancel();
    this.writer.close();
    this.reader.close();
  }

  private assert(): void {
    if (this.leases.size === 0) return;
    this.writer.write(this.payload, undefined, "automatic");
    this.assertion.after(Math.min(...this.leases.values()) / 3);
  }
}

/** ParticipantMessageData: GuidPrefix_t, octet[4] kind, sequence<octet> data (empty). */
function encode(prefix: GuidPrefix): Uint8Array {
  const out = new CdrWriter(true, 32);
  for (const octet of [0, ENCAPSULATION.cdrLe, 0, 0]) out.u8(octet);
  out.raw(prefixToBytes(prefix));
  for (const octet of [0, 0, 0, KIND_AUTOMATIC]) out.u8(octet);
  out.u32(0);
  return out.copy();
}
