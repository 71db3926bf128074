import type { VirtualClock } from "./clock.js";
import type {
  ClientEnd,
  Graph,
  GraphCall,
  GraphMember,
  Origin,
  ReaderEnd,
  ServerEnd,
  WriterEnd,
} from "./graph.js";
import type { Link, LinkDirection } from "./link.js";
import type { Timeline } from "./timeline.js";

const RELIABLE = 1;

/** A graph as a board sees it from behind its {@link Link}: what it sends and gets takes its time. */
export class LinkedGraph implements Graph {
  /** The board's readers and servers by what stands for them at the agent. */
  private readonly farEnds = new Map<ServerEnd | ReaderEnd, ServerEnd | ReaderEnd>();

  constructor(
    private readonly graph: Graph,
    private readonly link: Link,
    private readonly timeline: Timeline,
  ) {}

  get clock(): VirtualClock {
    return this.graph.clock;
  }

  get wakeAt(): bigint | undefined {
    return this.graph.wakeAt;
  }

  settle(): void {
    this.graph.settle();
  }

  advanceTo(end: bigint): void {
    this.graph.advanceTo(end);
  }

  join(member: GraphMember): void {
    this.graph.join(member);
  }

  leave(member: GraphMember): void {
    this.graph.leave(member);
  }

  addServer(end: ServerEnd, origin?: Origin): void {
    const far: ServerEnd = {
      ...end,
      serve: ({ payload, bigEndian, reply, fail }) =>
        this.carry(this.link.down, payload, true, () => {
          if (!this.farEnds.has(end)) return;
          end.serve({
            payload,
            bigEndian,
            reply: (response) => this.carry(this.link.up, response, true, () => reply(response)),
            fail,
          });
        }),
    };
    this.farEnds.set(end, far);
    this.graph.addServer(far, origin);
  }

  addClient(end: ClientEnd, origin?: Origin): void {
    this.graph.addClient(end, origin);
  }

  addWriter(end: WriterEnd, origin?: Origin): void {
    this.graph.addWriter(end, origin);
  }

  addReader(end: ReaderEnd, origin?: Origin): void {
    const reliable = end.qos.reliability === RELIABLE;
    const far: ReaderEnd = {
      ...end,
      take: (payload, bigEndian) =>
        this.carry(this.link.down, payload, reliable, () => {
          if (this.farEnds.has(end)) end.take(payload, bigEndian);
        }),
    };
    this.farEnds.set(end, far);
    this.graph.addReader(far, origin);
  }

  remove(end: ServerEnd | ClientEnd | WriterEnd | ReaderEnd): void {
    const far = this.farEnds.get(end as ServerEnd | ReaderEnd);
    this.farEnds.delete(end as ServerEnd | ReaderEnd);
    this.graph.remove(far ?? end);
  }

  /** A request whose server goes while it is on its way is lost, as on a network. */
  call(client: ClientEnd, { payload, bigEndian, reply, fail }: GraphCall): boolean {
    if (!this.graph.serves(client)) return false;
    const copy = payload.slice();
    const onReply = (response: Uint8Array) =>
      this.carry(this.link.down, response, true, () => reply(response));
    this.carry(this.link.up, copy, true, () => {
      this.graph.call(client, { payload: copy, bigEndian, reply: onReply, fail });
    });
    return true;
  }

  serves(client: ClientEnd): boolean {
    return this.graph.serves(client);
  }

  publish(writer: WriterEnd, payload: Uint8Array, bigEndian = false): boolean {
    const copy = payload.slice();
    const reliable = writer.qos.reliability === RELIABLE;
    this.carry(this.link.up, copy, reliable, () => this.graph.publish(writer, copy, bigEndian));
    return true;
  }

  private carry(
    direction: LinkDirection,
    { byteLength }: Uint8Array,
    reliable: boolean,
    arrive: () => void,
  ): void {
    const time = direction.arrival(this.clock.now, byteLength, reliable);
    if (time !== undefined) this.timeline.at(time, arrive);
  }
}
