import { RosehipError } from "../../host-agent/src/errors.js";
import { LIMITS } from "../../host-agent/src/limits.js";
import { mangleReply, mangleRequest, mangleTopic } from "../../host-agent/src/ros2/names.js";
import type {
  DataSpace,
  EndpointRequest,
  OnMatch,
  ParticipantEntity,
  ParticipantRequest,
  RequesterEntity,
  ServiceRequest,
  WriterEntity,
} from "../../host-agent/src/xrce/object/data-space.js";
import { VirtualClock } from "../clock.js";
import type {
  ClientEnd,
  Graph,
  GraphCall,
  GraphMember,
  Origin,
  ReaderEnd,
  ServerEnd,
  WriterEnd,
} from "../graph.js";
import { RealTime } from "./real-time.js";

type End = ServerEnd | ClientEnd | WriterEnd | ReaderEnd;

interface LiveNode {
  readonly participant: Promise<ParticipantEntity>;
  ends: number;
}

interface LiveClient {
  readonly requester: RequesterEntity;
  servers: number;
  readonly calls: Map<number, GraphCall>;
}

const HASH_OCTETS = 32;
const NS_PER_MS = 1_000_000n;
/** Calls of one client without a response; beyond, the oldest is forgotten: its requester has forgotten it, too. */
const MAX_CALLS = LIMITS.queuedRequests + LIMITS.outstandingRequests;

/**
 * A real ROS 2 graph, in real time, for simulated boards. What lies between the two is the agent's own data space, so that
 * peers see the same as of a board behind an agent. Ends of boards only: each needs its {@link Origin}.
 */
export class LiveGraph implements Graph {
  readonly clock = new VirtualClock();
  private readonly time: RealTime;
  private readonly nodes = new Map<string, LiveNode>();
  private readonly closers = new Map<End, () => void>();
  private readonly opening = new Map<End, Promise<void>>();
  private readonly clients = new Map<ClientEnd, LiveClient>();
  private readonly writers = new Map<WriterEnd, WriterEntity>();
  private requests = 0;

  /**
   * @param device the boards as a client of the agent: its key, domain and peer
   * @param onTurn called after each step of a board, with what it threw
   */
  constructor(
    private readonly dataSpace: DataSpace,
    private readonly device: Omit<ParticipantRequest, "name">,
    private readonly onTurn: (error?: unknown) => void,
  ) {
    this.time = new RealTime(this.clock, onTurn);
  }

  addServer(end: ServerEnd, origin?: Origin): void {
    this.open(end, origin, (participant) => {
      const replier = participant.createReplier(
        serviceRequest(end, origin),
        ({ guid, sequenceNumber }, payload, littleEndian) => {
          const identity = { guid: guid.slice(), sequenceNumber };
          end.serve({
            payload: payload.slice(),
            bigEndian: !littleEndian,
            reply: (response) => void replier.reply(identity, response),
            // As on the board: the caller is not told, and has its time-out.
            fail: () => {},
          });
          this.time.wake();
          return true;
        },
        () => {},
        this.onMatch(end),
      );
      return () => replier.close();
    });
  }

  addClient(end: ClientEnd, origin?: Origin): void {
    this.open(end, origin, (participant) => {
      const calls = new Map<number, GraphCall>();
      const tell = this.onMatch(end);
      const requester = participant.createRequester(
        serviceRequest(end, origin),
        (id, payload, littleEndian) => {
          const call = calls.get(id);
          calls.delete(id);
          // A GraphCall's response is little-endian, as are those of all computers that ROS 2 runs on.
          if (littleEndian) call?.reply(payload.slice());
          else call?.fail(new RosehipError("SIM_BIG_ENDIAN", `${end.name} answered big-endian`));
          this.time.wake();
          return true;
        },
        () => {},
        (count, mismatched) => {
          client.servers = count;
          tell(count, mismatched);
        },
      );
      const client: LiveClient = { requester, servers: 0, calls };
      this.clients.set(end, client);
      return () => {
        this.clients.delete(end);
        requester.close();
      };
    });
  }

  addWriter(end: WriterEnd, origin?: Origin): void {
    this.open(end, origin, (participant) => {
      const writer = participant.createWriter(endpointRequest(end, origin), () => {}, this.onMatch(end));
      this.writers.set(end, writer);
      return () => {
        this.writers.delete(end);
        writer.close();
      };
    });
  }

  addReader(end: ReaderEnd, origin?: Origin): void {
    this.open(end, origin, (participant) => {
      const reader = participant.createReader(
        endpointRequest(end, origin),
        (payload, littleEndian) => {
          end.take(payload.slice(), !littleEndian);
          this.time.wake();
          return true;
        },
        this.onMatch(end),
      );
      // The board reads without end: what waits for a READ_DATA, as overrides of parameters do, comes now.
      reader.start?.();
      reader.resume();
      return () => reader.close();
    });
  }

  remove(end: End): void {
    this.closers.get(end)?.();
    this.closers.delete(end);
    this.opening.delete(end);
  }

  call(client: ClientEnd, call: GraphCall): boolean {
    const live = this.clients.get(client);
    if (live === undefined || live.servers === 0) return false;
    const id = ++this.requests;
    if (!live.requester.request(id, call.payload)) return false;
    live.calls.set(id, call);
    if (live.calls.size > MAX_CALLS) {
      for (const oldest of live.calls.keys()) {
        live.calls.delete(oldest);
        break;
      }
    }
    return true;
  }

  serves(client: ClientEnd): boolean {
    return (this.clients.get(client)?.servers ?? 0) > 0;
  }

  publish(end: WriterEnd, payload: Uint8Array): boolean {
    const writer = this.writers.get(end);
    if (writer !== undefined) return writer.write(payload);
    const copy = payload.slice();
    void this.opening.get(end)?.then(() => this.writers.get(end)?.write(copy));
    return true;
  }

  join(member: GraphMember): void {
    this.time.join(member);
  }

  leave(member: GraphMember): void {
    this.time.leave(member);
  }

  get wakeAt(): bigint | undefined {
    return this.time.wakeAt;
  }

  /** Real time is nobody's to move: what is due happens soon. */
  settle(): void {
    this.time.wake();
  }

  advanceTo(): void {
    this.time.wake();
  }

  /** Stops the boards' time and takes everything off the graph. */
  close(): void {
    this.time.stop();
    for (const end of [...this.closers.keys()]) this.remove(end);
  }

  /** @param create makes the end's entities, and returns what closes them */
  private open(
    end: End,
    origin: Origin | undefined,
    create: (participant: ParticipantEntity) => () => void,
  ): void {
    if (origin === undefined) throw new Error("an end of a board tells its node");
    const { name, namespace } = origin.node;
    const key = `${namespace === "/" ? "" : namespace}/${name}`;
    const node = this.nodes.get(key) ?? this.createNode(key);
    node.ends++;
    let close: (() => void) | undefined;
    let closed = false;
    this.closers.set(end, () => {
      closed = true;
      close?.();
      if (--node.ends > 0) return;
      this.nodes.delete(key);
      // One that could not be created is told by its ends.
      node.participant.then(
        (participant) => participant.close(),
        () => {},
      );
    });
    const opened = node.participant.then((participant) => {
      if (!closed) close = create(participant);
    });
    this.opening.set(end, opened.catch(this.onTurn));
  }

  private createNode(key: string): LiveNode {
    const participant = Promise.resolve(this.dataSpace.createParticipant({ ...this.device, name: key }));
    const node = { participant, ends: 0 };
    this.nodes.set(key, node);
    return node;
  }

  private onMatch(end: End): OnMatch {
    return (count, mismatched) => {
      end.matchedChanged?.(count, mismatched);
      this.time.wake();
    };
  }
}

function serviceRequest(end: ServerEnd | ClientEnd, origin: Origin | undefined): ServiceRequest {
  const { name, requestType, responseType } = end;
  return {
    serviceName: name,
    requestType,
    replyType: responseType,
    requestTopic: mangleRequest(name),
    replyTopic: mangleReply(name),
    requestTypeDigest: origin?.hashes?.subarray(0, HASH_OCTETS),
    replyTypeDigest: origin?.hashes?.subarray(HASH_OCTETS),
  };
}

function endpointRequest({ topic, type, qos }: WriterEnd | ReaderEnd, origin?: Origin): EndpointRequest {
  return {
    topic: mangleTopic(topic),
    type,
    typeDigest: origin?.hashes,
    userData: undefined,
    qos: {
      reliable: qos.reliability === 1,
      durability: qos.durability === 1 ? "transient_local" : "volatile",
      keepAll: qos.history === 1,
      depth: qos.depth,
      deadlineMs: Number(qos.deadlineNs / NS_PER_MS),
      lifespanMs: Number(qos.lifespanNs / NS_PER_MS),
    },
  };
}
