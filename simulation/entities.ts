import { AbiError, type AbiQos } from "./abi.js";
import type { ClientEnd, Graph, Origin, ReaderEnd, ServerEnd, WriterEnd } from "./graph.js";

export interface SimulatedNode {
  readonly name: string;
  readonly namespace: string;
}

export interface SimulatedService {
  readonly handle: number;
  readonly node: number;
  readonly name: string;
  readonly requestType: string;
  readonly responseType: string;
  /** RIHS01 of request and response, 64 octets; absent if the app gave none. */
  readonly hashes: Uint8Array | undefined;
}

export interface SimulatedTopicEnd {
  readonly handle: number;
  readonly node: number;
  readonly topic: string;
  readonly type: string;
  /** RIHS01 of the type, 32 octets; absent if the app gave none. */
  readonly hash: Uint8Array | undefined;
  readonly qos: AbiQos;
}

export type EntityDescription =
  | ({ readonly kind: "node" } & SimulatedNode)
  | ({ readonly kind: "server" | "client" } & SimulatedService)
  | ({ readonly kind: "publisher" | "subscription" } & SimulatedTopicEnd);

/**
 * States: made by the present run of the app -> kept, when that run ends: still on the graph, but without a valid
 * handle -> made again, with the same handle, by a run that creates one just like it.
 */
export interface Entity {
  readonly handle: number;
  /** What a later run must say to take it over. */
  readonly key: string;
  readonly description: EntityDescription;
  readonly end: ServerEnd | ClientEnd | WriterEnd | ReaderEnd | undefined;
  made: boolean;
  /** As the function `matched` returns it. */
  matched: number;
  /** Of a subscription: its samples are not shown. */
  held: boolean;
  /** Of a subscription: it was said in the log that samples are dropped. */
  dropsTold: boolean;
}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export type NewEntity = Without<EntityDescription, "handle">;

/** A board's entities by handle, and how a new run of the app takes those of the last one over. */
export class Entities {
  private readonly entities = new Map<number, Entity>();
  private handles = 0;

  constructor(private readonly graph: Graph) {}

  /** @param connect makes the entity's end on the graph @returns its handle */
  create(wanted: NewEntity, connect: (handle: number) => Entity["end"]): number {
    const node = "node" in wanted ? wanted.node : undefined;
    if (node !== undefined && this.find(node)?.description.kind !== "node") return AbiError.BAD_HANDLE;
    const key = keyOf(wanted);
    for (const kept of this.entities.values()) {
      if (kept.made || kept.key !== key) continue;
      kept.made = true;
      return kept.handle;
    }
    const handle = ++this.handles;
    const description = { ...wanted, handle } as EntityDescription;
    const end = connect(handle);
    this.entities.set(handle, {
      handle,
      key,
      description,
      end,
      made: true,
      matched: 0,
      held: false,
      dropsTold: false,
    });
    if (end !== undefined) this.connect(description, end);
    return handle;
  }

  /** The entity the present run knows by this handle. */
  find(handle: number): Entity | undefined {
    const entity = this.entities.get(handle);
    return entity?.made === true ? entity : undefined;
  }

  /** Also one that was kept and is not made again yet. */
  findKept(handle: number): Entity | undefined {
    return this.entities.get(handle);
  }

  destroy(handle: number): number {
    const entity = this.find(handle);
    if (entity === undefined) return AbiError.BAD_HANDLE;
    for (const { handle: other, description } of [...this.entities.values()]) {
      if ("node" in description && description.node === handle) this.remove(other);
    }
    this.remove(handle);
    return 0;
  }

  /** The run is over: everything that was made is kept. */
  keep(): void {
    for (const entity of this.entities.values()) {
      entity.made = false;
      entity.held = false;
      entity.dropsTold = false;
    }
  }

  /** Takes everything off the graph. */
  clear(): void {
    for (const handle of [...this.entities.keys()]) this.remove(handle);
  }

  /** Those the present run has made, of one kind. */
  of<K extends EntityDescription["kind"]>(kind: K): Map<number, Extract<EntityDescription, { kind: K }>> {
    type Wanted = Extract<EntityDescription, { kind: K }>;
    const made = [...this.entities.values()].filter((entity) => entity.made);
    return new Map(
      made
        .filter(({ description }) => description.kind === kind)
        .map(({ handle, description }) => [handle, description as Wanted]),
    );
  }

  private connect(description: EntityDescription, end: NonNullable<Entity["end"]>): void {
    const origin = this.originOf(description);
    if (description.kind === "server") this.graph.addServer(end as ServerEnd, origin);
    else if (description.kind === "client") this.graph.addClient(end as ClientEnd, origin);
    else if (description.kind === "publisher") this.graph.addWriter(end as WriterEnd, origin);
    else this.graph.addReader(end as ReaderEnd, origin);
  }

  private originOf(description: EntityDescription): Origin | undefined {
    if (description.kind === "node") return undefined;
    const node = this.find(description.node)?.description;
    if (node?.kind !== "node") return undefined;
    return { node, hashes: "hash" in description ? description.hash : description.hashes };
  }

  private remove(handle: number): void {
    const end = this.entities.get(handle)?.end;
    this.entities.delete(handle);
    if (end !== undefined) this.graph.remove(end);
  }
}

function keyOf(wanted: NewEntity): string {
  const plain = (_name: string, value: unknown) =>
    value instanceof Uint8Array
      ? Buffer.from(value).toString("hex")
      : typeof value === "bigint"
        ? `${value}`
        : value;
  return JSON.stringify(wanted, plain);
}
