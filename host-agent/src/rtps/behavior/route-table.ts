import type { GuidPrefix } from "../structure/guid.js";
import { formatLocator, isLoopback, type Locator } from "../structure/locator.js";
import { Route, type RouteHost } from "./route.js";

/** Room in one datagram over loopback: its MTU is 65536, and Fast DDS reads datagrams of up to 65500. */
const LOOPBACK_DATAGRAM_OCTETS = 61_440;
/** Elsewhere: one Ethernet frame with room for a tunnel's header, so that one lost frame costs one fragment. */
const NETWORK_DATAGRAM_OCTETS = 1_420;

/** Locators of a participant that may change: those of its built-in endpoints, and those of endpoints without their own. */
type Announced = "metatraffic" | "default";

/**
 * The routes of a participant, one per remote participant and set of locators, shared by all endpoints. One that nobody sends
 * by any more goes when the same participant needs another: endpoints may say that they are elsewhere as often as they like.
 */
export class RouteTable {
  private readonly routes = new Map<GuidPrefix, Map<string, Route>>();
  /** The address that each participant's announcement came from: the one that is known to work. */
  private readonly proven = new Map<GuidPrefix, string>();

  /** @param hostAddresses IPv4 addresses of this host: datagrams to them do not leave it */
  constructor(
    private readonly host: RouteHost & { readonly prefix: GuidPrefix },
    private readonly hostAddresses: readonly string[],
  ) {}

  prove(prefix: GuidPrefix, address: string): void {
    this.proven.set(prefix, address);
  }

  /** To the participant itself, for its own endpoints among each other. */
  loop(): Route {
    return this.keep(this.host.prefix, [], "", LOOPBACK_DATAGRAM_OCTETS);
  }

  /**
   * @param as what {@link move} moves; absent: an endpoint's own locators, for which it announces itself again
   * @returns undefined if no locator is given
   */
  to(prefix: GuidPrefix, announced: readonly Locator[], as?: Announced): Route | undefined {
    const locators = this.preferred(prefix, announced);
    if (locators.length === 0) return undefined;
    const local = locators.every((to) => isLoopback(to) || this.hostAddresses.includes(to.address));
    const octets = local ? LOOPBACK_DATAGRAM_OCTETS : NETWORK_DATAGRAM_OCTETS;
    return this.keep(prefix, locators, as ?? locators.map(formatLocator).join(" "), octets);
  }

  /**
   * The participant has other locators than before: its route leads there, with all that uses it and all that is under way.
   * Its datagrams stay as large as they were, since samples may be half sent: a participant does not change its host.
   * @returns false if there is no such route
   */
  move(prefix: GuidPrefix, as: Announced, announced: readonly Locator[]): boolean {
    const route = this.routes.get(prefix)?.get(as);
    if (route === undefined) return false;
    route.locators = this.preferred(prefix, announced);
    return true;
  }

  forget(prefix: GuidPrefix): void {
    for (const route of this.routes.get(prefix)?.values() ?? []) route.close();
    this.routes.delete(prefix);
    this.proven.delete(prefix);
  }

  close(): void {
    for (const prefix of [...this.routes.keys()]) this.forget(prefix);
  }

  /**
   * A host with several interfaces announces them all. The one its announcement came from works, others may
   * be private to that host (a container bridge, say, whose address exists here too).
   */
  private preferred(prefix: GuidPrefix, announced: readonly Locator[]): readonly Locator[] {
    const address = this.proven.get(prefix);
    const proven = announced.filter((locator) => locator.address === address);
    return proven.length > 0 ? proven : announced;
  }

  private keep(prefix: GuidPrefix, locators: readonly Locator[], key: string, octets: number): Route {
    let routes = this.routes.get(prefix);
    if (routes === undefined) {
      routes = new Map();
      this.routes.set(prefix, routes);
    }
    let route = routes.get(key);
    if (route === undefined) {
      if (prefix !== this.host.prefix) dropIdle(routes);
      route = new Route(this.host, prefix, locators, octets);
      routes.set(key, route);
    }
    return route;
  }
}

function dropIdle(routes: Map<string, Route>): void {
  for (const [key, route] of routes) {
    if (!route.idle) continue;
    route.close();
    routes.delete(key);
  }
}
