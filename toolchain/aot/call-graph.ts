/** Which functions of an app need which check so that every run of it is bounded. */

/** One function, as far as calls go. */
export interface Calls {
  /** Functions that it calls, once for each place; by their place in the list. */
  readonly callees: readonly number[];
  /** Calls through the table: to any function that is in it. */
  readonly indirect: number;
  /** Calls of the firmware. */
  readonly imports: number;
}

export interface Checks {
  /** It calls something: the stack must be looked at. */
  readonly stack: boolean;
  /** Called again and again it could make a run long, though no loop turns: it spends fuel. */
  readonly fuel: boolean;
}

/** Calls that may pass without any fuel being spent. */
const FREE_CALLS = 1000;

/**
 * Loops spend fuel; so must every function that can reach itself, and every one from which more than FREE_CALLS calls
 * could follow without either: then no run goes on for long between two looks at the clock.
 * @param table those that may be called through the table
 */
export function planChecks(functions: readonly Calls[], table: readonly number[]): Checks[] {
  const edges = functions.map(({ callees, indirect }) => (indirect > 0 ? [...callees, ...table] : callees));
  const costs: number[] = [];
  const checks: Checks[] = [];
  // Callees come before their callers, all of one cycle together.
  for (const component of strongComponents(edges)) {
    const recursive = component.length > 1 || component.some((each) => edges[each]?.includes(each));
    for (const index of component) {
      const { callees, indirect, imports } = functions[index] as Calls;
      const dearest = indirect === 0 ? 0 : Math.max(0, ...table.map((each) => costs[each] ?? 1));
      const cost =
        1 + imports + indirect * dearest + callees.reduce((sum, each) => sum + (costs[each] ?? 1), 0);
      const fuel = recursive || cost > FREE_CALLS;
      costs[index] = fuel ? 1 : cost;
      checks[index] = { stack: callees.length + indirect + imports > 0, fuel };
    }
  }
  return checks;
}

/** Tarjan's algorithm, without recursion of its own. Components come out callees first. */
export function strongComponents(edges: readonly (readonly number[])[]): number[][] {
  const order = new Map<number, number>();
  const low: number[] = [];
  const path: number[] = [];
  const onPath = new Set<number>();
  const components: number[][] = [];
  for (let root = 0; root < edges.length; root++) {
    if (order.has(root)) continue;
    const work = [{ node: root, next: 0 }];
    for (let top = work.at(-1); top !== undefined; top = work.at(-1)) {
      const { node } = top;
      if (top.next === 0 && !order.has(node)) {
        low[node] = order.size;
        order.set(node, order.size);
        path.push(node);
        onPath.add(node);
      }
      const target = edges[node]?.[top.next++];
      if (target !== undefined) {
        if (!order.has(target)) work.push({ node: target, next: 0 });
        else if (onPath.has(target)) low[node] = Math.min(low[node] as number, order.get(target) as number);
        continue;
      }
      work.pop();
      const parent = work.at(-1)?.node;
      if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[node] as number);
      if (low[node] === order.get(node)) components.push(closeComponent(path, onPath, node));
    }
  }
  return components;
}

function closeComponent(path: number[], onPath: Set<number>, root: number): number[] {
  const component = path.splice(path.indexOf(root));
  for (const each of component) onPath.delete(each);
  return component;
}
