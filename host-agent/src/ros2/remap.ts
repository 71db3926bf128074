import type { NodeName } from "./names.js";

/**
 * One name remapping, as `--ros-args --remap` has it (design.ros2.org, "Remapping Names"). Names are relative (`chatter`),
 * private (`~/status`) or absolute (`/chatter`), and stand for what they expand to in the node as it is named at last.
 */
export interface RemapRule {
  /** What is renamed; "name" is a topic, service or action. */
  readonly kind: "name" | "topic" | "service" | "node" | "namespace";
  /** Only for nodes that call themselves so. */
  readonly node?: string;
  /** "" if a node or namespace is renamed. */
  readonly from: string;
  readonly to: string;
}

/** Names that ROS 2 itself uses as absolute ones: a namespace does not move them. */
const EVERYWHERE: ReadonlySet<string> = new Set([
  "/rosout",
  "/parameter_events",
  "/clock",
  "/tf",
  "/tf_static",
]);
/** Stands between the name of an action and those of its topics and services. */
const ACTION = "/_action/";

export const qualifiedName = ({ namespace, name }: NodeName): string => `${within(namespace)}/${name}`;

/** A namespace to put a slash and a name behind. */
const within = (namespace: string): string => (namespace === "/" ? "" : namespace);

/**
 * The names of one node and its topics and services, remapped. Of two rules for one name the first counts.
 *
 * A device states absolute names only, so that nobody can tell what its program wrote as a relative one: all names
 * inside the node's namespace move with it, but for those of ROS 2 itself.
 */
export class NodeRemapping {
  readonly node: NodeName;
  private readonly rules: readonly RemapRule[];

  /** @param given the node as its device names it */
  constructor(
    private readonly given: NodeName,
    rules: readonly RemapRule[],
  ) {
    this.rules = rules.filter(({ node }) => node === undefined || node === given.name);
    const first = (kind: RemapRule["kind"]) => this.rules.find((rule) => rule.kind === kind)?.to;
    this.node = { name: first("node") ?? given.name, namespace: first("namespace") ?? given.namespace };
  }

  /** @param name fully qualified */
  apply(role: "topic" | "service", name: string): string {
    const cut = name.indexOf(ACTION);
    const base = cut < 0 ? name : name.slice(0, cut);
    return this.remapped(role, base) + name.slice(base.length);
  }

  private remapped(role: "topic" | "service", name: string): string {
    const moved = this.move(name);
    for (const { kind, from, to } of this.rules) {
      if (kind !== "name" && kind !== role) continue;
      if (from === name || this.expand(from) === moved) return this.expand(to);
    }
    return moved;
  }

  private move(name: string): string {
    if (EVERYWHERE.has(name)) return name;
    const [from, to] = [qualifiedName(this.given), qualifiedName(this.node)];
    if (name === from || name.startsWith(`${from}/`)) return to + name.slice(from.length);
    const [home, target] = [within(this.given.namespace), within(this.node.namespace)];
    return name.startsWith(`${home}/`) ? target + name.slice(home.length) : name;
  }

  private expand(name: string): string {
    if (name.startsWith("/")) return name;
    if (name === "~") return qualifiedName(this.node);
    if (name.startsWith("~/")) return qualifiedName(this.node) + name.slice(1);
    return `${within(this.node.namespace)}/${name}`;
  }
}
