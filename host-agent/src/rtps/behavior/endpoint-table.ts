import { ENTITYID_UNKNOWN } from "../structure/entity-id.js";
import { type EntityId, type GuidPrefix, guidKey } from "../structure/guid.js";
import type { SequenceNumber } from "../structure/sequence-number.js";
import type { EntitySubmessage } from "./message-receiver.js";
import type { StatefulReader } from "./stateful-reader.js";
import type { StatefulWriter } from "./stateful-writer.js";

/** The endpoints of a participant by entity id, built-in ones included: gives each submessage to those that it is for. */
export class EndpointTable {
  private readonly readers = new Map<EntityId, StatefulReader>();
  private readonly writers = new Map<EntityId, StatefulWriter>();

  /** @param onUnclaimed hears of samples for a reader that is not here, with the `guidKey` of their writer */
  constructor(private readonly onUnclaimed: (writer: string, sequenceNumber: SequenceNumber) => void) {}

  addReader(reader: StatefulReader): void {
    this.readers.set(reader.options.guid.entityId, reader);
  }

  addWriter(writer: StatefulWriter): void {
    this.writers.set(writer.options.guid.entityId, writer);
  }

  /** Closes an endpoint and forgets it. */
  remove(entityId: EntityId): void {
    this.readers.get(entityId)?.close();
    this.readers.delete(entityId);
    this.writers.get(entityId)?.close();
    this.writers.delete(entityId);
  }

  close(): void {
    for (const endpoint of [...this.readers.values(), ...this.writers.values()]) endpoint.close();
  }

  /** @param source the participant that the submessage comes from */
  receive(source: GuidPrefix, submessage: EntitySubmessage): void {
    const { kind } = submessage;
    if (kind === "acknack" || kind === "nackFrag") {
      const writer = this.writers.get(submessage.writerId);
      const reader = { prefix: source, entityId: submessage.readerId };
      if (kind === "acknack") writer?.onAckNack(reader, submessage);
      else writer?.onNackFrag(reader, submessage);
      return;
    }
    const writer = guidKey({ prefix: source, entityId: submessage.writerId });
    if (submessage.readerId !== ENTITYID_UNKNOWN) {
      const reader = this.readers.get(submessage.readerId);
      if (reader !== undefined) reader.receive(writer, submessage);
      else if (kind === "data") this.onUnclaimed(writer, submessage.sequenceNumber);
      return;
    }
    // 8.3.8.2.5: ENTITYID_UNKNOWN means all readers that are matched with the writer.
    for (const reader of this.readers.values()) reader.receive(writer, submessage);
  }
}
