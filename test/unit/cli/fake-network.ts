import type {
  EndpointDescription,
  EndpointListener,
  Network,
  NetworkNode,
  ReaderListener,
  SampleIdentity,
} from "../../../host-agent/src/bridge/network.js";
import { mangleReply, mangleRequest } from "../../../host-agent/src/ros2/names.js";

/** The reply to a request, both as CDR; undefined: none. */
type Answer = (request: Uint8Array) => Uint8Array | undefined;

const SERVER = { guid: new Uint8Array(16).fill(0xff) };

/** A network of one client's side: services are functions, which answer in the next microtask. */
export class FakeNetwork implements Network {
  readonly domainId = 0;
  /** Nodes that are open. */
  readonly nodes = new Set<string>();
  private readonly services = new Map<string, { name: string; answer: Answer }>();
  private readonly readers = new Map<string, ReaderListener>();
  private readonly listeners = new Map<string, EndpointListener[]>();

  serve(name: string, answer: Answer): void {
    for (const topic of [mangleRequest(name), mangleReply(name)]) {
      this.services.set(topic, { name, answer });
      for (const listener of this.listeners.get(topic) ?? []) listener.onMatch?.(SERVER, true, 1);
    }
  }

  createNode(name: string, namespace: string): NetworkNode {
    this.nodes.add(name);
    const guid = Buffer.alloc(16, name);
    let open = true;
    return {
      name,
      namespace,
      createReader: (description, listener) => {
        this.readers.set(description.topic, listener);
        this.listen(description, listener);
        return { guid, resume: () => undefined, close: () => undefined };
      },
      createWriter: (description, listener) => {
        this.listen(description, listener);
        let sequenceNumber = 0n;
        const write = (payload: Uint8Array, related?: SampleIdentity) => {
          if (!open) throw new Error("written after the node was closed");
          sequenceNumber++;
          this.answer(description.topic, payload, { guid: related?.guid ?? guid, sequenceNumber });
          return { guid, sequenceNumber };
        };
        return { guid, matchedCount: 1, write, close: () => undefined };
      },
      close: () => {
        open = false;
        this.nodes.delete(name);
      },
    };
  }

  async close(): Promise<void> {}

  private listen({ topic }: EndpointDescription, listener: EndpointListener): void {
    this.listeners.set(topic, [...(this.listeners.get(topic) ?? []), listener]);
    if (this.services.has(topic)) queueMicrotask(() => listener.onMatch?.(SERVER, true, 1));
  }

  private answer(topic: string, request: Uint8Array, related: SampleIdentity): void {
    const service = this.services.get(topic);
    const payload = service?.answer(request);
    if (service === undefined || payload === undefined) return;
    const writer = { ...SERVER, sequenceNumber: 1n };
    const listener = this.readers.get(mangleReply(service.name));
    queueMicrotask(() => listener?.onSample({ payload, littleEndian: true, writer, related }));
  }
}
