import type { Log } from "../../log.js";
import type { ReassemblyBudget } from "../behavior/fragment-assembly.js";
import type { Route } from "../behavior/route.js";
import type { Scheduler } from "../behavior/scheduler.js";
import { StatefulReader } from "../behavior/stateful-reader.js";
import { StatefulWriter } from "../behavior/stateful-writer.js";
import type { ReceivedChange } from "../behavior/writer-proxy.js";
import { STATUS_DISPOSED, STATUS_UNREGISTERED } from "../messages/inline-qos.js";
import {
  BUILTIN,
  ENTITYID_SEDP_PUBLICATIONS_READER,
  ENTITYID_SEDP_PUBLICATIONS_WRITER,
  ENTITYID_SEDP_SUBSCRIPTIONS_READER,
  ENTITYID_SEDP_SUBSCRIPTIONS_WRITER,
} from "../structure/entity-id.js";
import {
  formatGuid,
  type Guid,
  type GuidPrefix,
  guidFromBytes,
  guidKey,
  guidToBytes,
} from "../structure/guid.js";
import {
  decodeEndpointData,
  decodeKey,
  type EndpointData,
  encodeEndpointData,
  encodeEndpointKey,
} from "./endpoint-data.js";
import type { ParticipantData } from "./participant-data.js";

export interface SedpEvents {
  onEndpoint(endpoint: EndpointData): void;
  onEndpointGone(guid: Guid): void;
}

/** One half of SEDP: writers are announced by "publications", readers by "subscriptions". */
interface Half {
  readonly kind: EndpointData["kind"];
  readonly writer: StatefulWriter;
  readonly reader: StatefulReader;
  readonly announcer: number;
  readonly detector: number;
}

/**
 * The Simple Endpoint Discovery Protocol (DDSI-RTPS 2.5, 8.5.4): tells the other participants of our endpoints
 * and hears of theirs, over built-in endpoints that are reliable and transient-local, keyed by GUID.
 */
export class Sedp {
  private readonly halves: readonly Half[];

  constructor(
    prefix: GuidPrefix,
    scheduler: Scheduler,
    budget: ReassemblyBudget,
    private readonly log: Log,
    private readonly events: SedpEvents,
  ) {
    const half = (kind: Half["kind"], writerId: number, readerId: number, bits: [number, number]): Half => {
      const policies = { reliable: true, transientLocal: true, depth: 1 };
      const reader = { guid: { prefix, entityId: readerId }, reliable: true };
      return {
        kind,
        writer: new StatefulWriter({ guid: { prefix, entityId: writerId }, ...policies }, scheduler),
        reader: new StatefulReader(reader, scheduler, budget, (change) => this.onChange(kind, change)),
        announcer: bits[0],
        detector: bits[1],
      };
    };
    this.halves = [
      half("writer", ENTITYID_SEDP_PUBLICATIONS_WRITER, ENTITYID_SEDP_PUBLICATIONS_READER, [
        BUILTIN.publicationsAnnouncer,
        BUILTIN.publicationsDetector,
      ]),
      half("reader", ENTITYID_SEDP_SUBSCRIPTIONS_WRITER, ENTITYID_SEDP_SUBSCRIPTIONS_READER, [
        BUILTIN.subscriptionsAnnouncer,
        BUILTIN.subscriptionsDetector,
      ]),
    ];
  }

  get writers(): StatefulWriter[] {
    return this.halves.map(({ writer }) => writer);
  }

  get readers(): StatefulReader[] {
    return this.halves.map(({ reader }) => reader);
  }

  /** Matches the built-in endpoints the participant says it has. @param route its metatraffic locators */
  addParticipant({ prefix, builtinEndpoints }: ParticipantData, route: Route): void {
    const policies = { reliable: true, transientLocal: true, route };
    for (const { writer, reader, announcer, detector } of this.halves) {
      const remoteReader = { prefix, entityId: reader.options.guid.entityId };
      const remoteWriter = { prefix, entityId: writer.options.guid.entityId };
      if (builtinEndpoints & detector) writer.match({ guid: remoteReader, ...policies });
      if (builtinEndpoints & announcer) reader.match({ guid: remoteWriter, ...policies });
    }
  }

  removeParticipant(prefix: GuidPrefix): void {
    for (const { writer, reader } of this.halves) {
      writer.unmatch({ prefix, entityId: reader.options.guid.entityId });
      reader.unmatch({ prefix, entityId: writer.options.guid.entityId });
    }
  }

  announce(endpoint: EndpointData): void {
    this.half(endpoint).writer.write(encodeEndpointData(endpoint), undefined, guidKey(endpoint.guid));
  }

  /** Disposes and unregisters an endpoint of ours. */
  withdraw(endpoint: EndpointData): void {
    const { guid } = endpoint;
    const qos = { keyHash: guidToBytes(guid), statusInfo: STATUS_DISPOSED | STATUS_UNREGISTERED };
    this.half(endpoint).writer.write(encodeEndpointKey(guid), qos, guidKey(guid), true);
  }

  close(): void {
    for (const { writer, reader } of this.halves) {
      writer.close();
      reader.close();
    }
  }

  private half(endpoint: EndpointData): Half {
    return this.halves.find(({ kind }) => kind === endpoint.kind) as Half;
  }

  private onChange(kind: Half["kind"], change: ReceivedChange): boolean {
    const { payload, inlineQos, writer } = change;
    try {
      if (((inlineQos?.statusInfo ?? 0) & (STATUS_DISPOSED | STATUS_UNREGISTERED)) !== 0) {
        const key = inlineQos?.keyHash ? guidFromBytes(inlineQos.keyHash) : payload && decodeKey(payload);
        // A participant speaks for its own endpoints only.
        if (key?.prefix === writer.guid.prefix) this.events.onEndpointGone(key);
      } else if (payload !== undefined && !change.keyOnly) {
        const endpoint = decodeEndpointData(kind, payload);
        if (endpoint.guid.prefix === writer.guid.prefix) this.events.onEndpoint(endpoint);
      }
    } catch (error) {
      this.log.warn("discovery data of an endpoint does not decode; it is ignored", {
        writer: formatGuid(writer.guid),
        error: String(error),
      });
    }
    return true;
  }
}
