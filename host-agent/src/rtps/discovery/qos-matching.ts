import { DURABILITY, type EndpointData, LIVELINESS, REPRESENTATION_XCDR1 } from "./endpoint-data.js";

/**
 * Requested-versus-offered matching (DDS 1.4, 2.2.3, the policies whose RxO is "yes").
 * @returns why the two do not match, as a sentence that names the policy or type and both values; undefined if
 *   they do
 */
export function incompatibility(writer: EndpointData, reader: EndpointData): string | undefined {
  if (writer.type !== reader.type) {
    return `Type names differ on topic ${writer.topic}: the writer has ${writer.type}, the reader ${reader.type}.`;
  }
  const offered = writer.qos;
  const requested = reader.qos;
  if (requested.reliability === "reliable" && offered.reliability === "best_effort") {
    return sentence("RELIABILITY", "best_effort", "reliable");
  }
  if (DURABILITY.indexOf(offered.durability) < DURABILITY.indexOf(requested.durability)) {
    return sentence("DURABILITY", offered.durability, requested.durability);
  }
  if (isLonger(offered.deadline, requested.deadline)) {
    return sentence("DEADLINE", duration(offered.deadline), duration(requested.deadline));
  }
  if (LIVELINESS.indexOf(offered.liveliness) < LIVELINESS.indexOf(requested.liveliness)) {
    return sentence("LIVELINESS", offered.liveliness, requested.liveliness);
  }
  if (isLonger(offered.livelinessLease, requested.livelinessLease)) {
    const [a, b] = [offered.livelinessLease, requested.livelinessLease].map(duration);
    return sentence("LIVELINESS lease", a as string, b as string);
  }
  if (offered.ownership !== requested.ownership) {
    return sentence("OWNERSHIP", offered.ownership, requested.ownership);
  }
  if (!requested.representations.includes(offered.representations[0] ?? REPRESENTATION_XCDR1)) {
    const [a, b] = [offered.representations, requested.representations].map((ids) => ids.map(representation));
    return sentence("DATA_REPRESENTATION", (a as string[]).join(", "), (b as string[]).join(", "));
  }
  return undefined;
}

/** PARTITION is not an offer and no error: endpoints in different partitions just do not meet (2.2.3.13). */
export function shareAPartition(a: EndpointData, b: EndpointData): boolean {
  const [left, right] = [a, b].map(({ qos }) => (qos.partitions.length === 0 ? [""] : qos.partitions));
  return (left as string[]).some((name) => (right as string[]).includes(name));
}

/** A duration offered must not be longer than the one requested; undefined is infinite. */
function isLonger(offered: bigint | undefined, requested: bigint | undefined): boolean {
  return requested !== undefined && (offered === undefined || offered > requested);
}

function sentence(policy: string, offered: string, requested: string): string {
  return `${policy} does not match: the writer offers ${offered}, the reader requests ${requested}.`;
}

function duration(nanoseconds: bigint | undefined): string {
  return nanoseconds === undefined ? "infinite" : `${Number(nanoseconds) / 1e9} s`;
}

function representation(id: number): string {
  return { 0: "XCDR1", 1: "XML", 2: "XCDR2" }[id] ?? `representation ${id}`;
}
