import { RosehipError } from "../host-agent/src/errors.js";
import { milliseconds } from "./clock.js";
import { Random } from "./random.js";

/**
 * What lies between a board and its agent. Loss, delay and duplication happen below DDS-XRCE's reliable streams, so the
 * app meets them as lateness: a reliable sample is sent again until it arrives, and streams keep their order. A
 * best-effort sample that is lost is lost.
 */
export interface LinkOptions {
  /** One-way delay in milliseconds. Default 0. */
  readonly delayMs?: number;
  /** At most so much more, in milliseconds, different for each sample. Default 0. */
  readonly jitterMs?: number;
  /** Speed of the line in bits per second, ten of which carry one octet; 0 (default) for one without end. */
  readonly baudRate?: number;
  /** Probability that a sample is lost on one try, 0 to 0.95. Default 0. */
  readonly loss?: number;
  /** Probability that a sample is carried twice, 0 to 1; the second copy costs time on the line. Default 0. */
  readonly duplication?: number;
  /** Milliseconds until a lost sample is sent again. Default 100, the heartbeat period of the firmware. */
  readonly retryMs?: number;
  /** The same seed does the same to the same samples. Default 1. */
  readonly seed?: number;
}

const MAX_LOSS = 0.95;
/** Octets of XRCE, framing and CDR headers around a sample, about. */
const OVERHEAD_OCTETS = 40;
const BITS_PER_OCTET = 10n;
const NS_PER_S = 1_000_000_000n;

/** One direction of a link. */
export class LinkDirection {
  private lineFree = 0n;
  private lastArrival = 0n;

  constructor(
    private readonly options: Required<LinkOptions>,
    private readonly random: Random,
  ) {}

  /** @returns when a sample of `octets` that is sent now arrives; undefined: never */
  arrival(now: bigint, octets: number, reliable: boolean): bigint | undefined {
    const { delayMs, jitterMs, loss, duplication, retryMs } = this.options;
    const copies = this.random.fraction() < duplication ? 2n : 1n;
    const transmission = this.transmissionNs(octets);
    const begin = now > this.lineFree ? now : this.lineFree;
    this.lineFree = begin + copies * transmission;
    let arrival = begin + transmission + milliseconds(delayMs + jitterMs * this.random.fraction());
    while (this.random.fraction() < loss) {
      if (!reliable) return undefined;
      arrival += milliseconds(retryMs) + transmission;
    }
    if (!reliable) return arrival;
    if (arrival > this.lastArrival) this.lastArrival = arrival;
    return this.lastArrival;
  }

  private transmissionNs(octets: number): bigint {
    const { baudRate } = this.options;
    if (baudRate === 0) return 0n;
    return (BigInt(octets + OVERHEAD_OCTETS) * BITS_PER_OCTET * NS_PER_S) / BigInt(baudRate);
  }
}

/** A board's link, both directions of which draw on random numbers of their own. */
export class Link {
  readonly up: LinkDirection;
  readonly down: LinkDirection;

  /** @throws SIM_LINK for a value out of its range */
  constructor(options: LinkOptions = {}) {
    const given = {
      delayMs: 0,
      jitterMs: 0,
      baudRate: 0,
      loss: 0,
      duplication: 0,
      retryMs: 100,
      seed: 1,
      ...options,
    };
    check(given, "loss", MAX_LOSS);
    check(given, "duplication", 1);
    for (const name of ["delayMs", "jitterMs", "retryMs", "baudRate"] as const) check(given, name, 1e9);
    const random = new Random(given.seed);
    this.up = new LinkDirection(given, new Random(random.u32()));
    this.down = new LinkDirection(given, new Random(random.u32()));
  }
}

function check(options: Required<LinkOptions>, name: keyof LinkOptions, most: number): void {
  const value = options[name];
  if (value >= 0 && value <= most) return;
  throw new RosehipError("SIM_LINK", `${name} of the link is ${value}`, {
    remedy: `Give a number from 0 to ${most}.`,
  });
}
