/** Port numbers and addresses (DDSI-RTPS 2.5, 9.6.2.3 and 9.6.2.4): PB 7400, DG 250, PG 2, d0 0, d1 10, d2 1, d3 11. */
const PORT_BASE = 7400;
const DOMAIN_GAIN = 250;
const PARTICIPANT_GAIN = 2;

export const SPDP_MULTICAST_ADDRESS = "239.255.0.1";

/** Beyond it the ports of participant 0 do not fit into 16 bits. */
export const MAX_DOMAIN_ID = 232;
/** Participants that have ports of their own before the next domain's begin. */
export const MAX_PARTICIPANT_INDEX = 119;
/** How many participants of a host are sought by unicast, as rmw_fastrtps does for LOCALHOST. */
export const UNICAST_PEER_RANGE = 32;

const domainBase = (domainId: number): number => PORT_BASE + DOMAIN_GAIN * domainId;

export const metatrafficMulticastPort = (domainId: number): number => domainBase(domainId);

export const metatrafficUnicastPort = (domainId: number, participantIndex: number): number =>
  domainBase(domainId) + 10 + PARTICIPANT_GAIN * participantIndex;

export const userUnicastPort = (domainId: number, participantIndex: number): number =>
  domainBase(domainId) + 11 + PARTICIPANT_GAIN * participantIndex;
