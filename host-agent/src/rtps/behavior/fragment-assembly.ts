import type { DataFrag } from "../messages/data-frag.js";
import type { InlineQos } from "../messages/inline-qos.js";
import { NUMBER_SET_SPAN, type NumberSet } from "../structure/number-set.js";

/** One sample being put together from DATA_FRAGs (DDSI-RTPS 2.5, 8.4.14.1). */
export class FragmentAssembly {
  /** The serialized sample; complete when `missing` is 0. */
  readonly buffer: Uint8Array;
  readonly keyOnly: boolean;
  inlineQos: InlineQos | undefined;
  /** Fragments that have not arrived. */
  missing: number;
  /** When the last fragment arrived. */
  touchedAt: number;
  private readonly arrived: Uint8Array;
  private readonly fragmentSize: number;

  /** @param first its sampleSize and fragmentSize have been checked against the limits */
  constructor(first: DataFrag, now: number) {
    // Zero-filled memory is not touched by the system until it is written, so a lie about the size costs little.
    this.buffer = new Uint8Array(first.sampleSize);
    this.fragmentSize = first.fragmentSize;
    this.keyOnly = first.keyOnly;
    this.missing = Math.ceil(first.sampleSize / first.fragmentSize);
    this.arrived = new Uint8Array(this.missing);
    this.touchedAt = now;
  }

  /** @returns true if the sample is complete now */
  add(frag: DataFrag, now: number): boolean {
    if (frag.fragmentSize !== this.fragmentSize || frag.sampleSize !== this.buffer.length) return false;
    this.touchedAt = now;
    this.inlineQos ??= frag.inlineQos && own(frag.inlineQos);
    const end = Math.min(frag.firstFragment - 1 + frag.fragmentCount, this.arrived.length);
    for (let index = frag.firstFragment - 1; index < end; index++) {
      if (this.arrived[index] !== 0) continue;
      this.arrived[index] = 1;
      this.missing--;
      const from = (index - frag.firstFragment + 1) * this.fragmentSize;
      this.buffer.set(frag.payload.subarray(from, from + this.fragmentSize), index * this.fragmentSize);
    }
    return this.missing === 0;
  }

  /**
   * What to ask for: sets of fragment numbers (the first is 1), each spanning at most 256.
   * @param last the highest fragment number to ask for
   */
  *missingSets(last = this.arrived.length): Iterable<NumberSet> {
    let members: number[] = [];
    for (let index = 0; index < Math.min(last, this.arrived.length); index++) {
      if (this.arrived[index] !== 0) continue;
      const base = members[0];
      if (base !== undefined && index + 1 - base >= NUMBER_SET_SPAN) {
        yield { base, members };
        members = [];
      }
      members.push(index + 1);
    }
    const base = members[0];
    if (base !== undefined) yield { base, members };
  }
}

/** The datagram that the inline QoS was borrowed from does not outlive the call. */
function own(qos: InlineQos): InlineQos {
  return {
    statusInfo: qos.statusInfo,
    ...(qos.keyHash && { keyHash: qos.keyHash.slice() }),
    ...(qos.related && { related: { ...qos.related, guid: qos.related.guid.slice() } }),
  };
}

/** What the reassembly buffers of a whole participant hold. */
export class ReassemblyBudget {
  private used = 0;

  constructor(private readonly limit: number) {}

  take(octets: number): boolean {
    if (this.used + octets > this.limit) return false;
    this.used += octets;
    return true;
  }

  give(octets: number): void {
    this.used -= octets;
  }
}
