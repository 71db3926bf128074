/**
 * Every size that a peer, or a caller, can drive. Whoever sends us more is answered with a report in the log
 * and loses what is over; memory stays bounded. Listed for users in docs/limits.md.
 */
const MiB = 1024 * 1024;

/** Largest serialized sample, either way: twice the 16 MiB that ROS 2 images and clouds reach in practice. */
export const MAX_SAMPLE_OCTETS = 32 * MiB;

/** What one writer keeps for late joiners and repairs. Two of the largest samples. */
export const MAX_WRITER_HISTORY_OCTETS = 64 * MiB;

/** Samples of one KEEP_ALL history, as Fast DDS's default max_samples. */
export const MAX_KEEP_ALL_SAMPLES = 5000;

/** What one reader holds per remote writer out of order or held back by its consumer. */
export const MAX_READER_CACHE_OCTETS = 64 * MiB;

/** The same in samples: the span an ACKNACK can name, so that all that is cached can be asked for. */
export const MAX_READER_CACHE_SAMPLES = 256;

/**
 * Samples a writer sends a reliable reader ahead of what that one has confirmed: as many as a reader here can hold
 * back. More would be dropped there and have to be sent again, while other repairs are still on their way.
 */
export const MAX_UNCONFIRMED_SAMPLES = MAX_READER_CACHE_SAMPLES;

/** Samples of one remote writer that are reassembled at once; a writer sends one after the other. */
export const MAX_REASSEMBLIES_PER_WRITER = 4;

/** What all reassembly buffers of a participant hold together: four of the largest samples. */
export const MAX_REASSEMBLY_OCTETS = 128 * MiB;

/** Unsent large samples waiting for their turn at one best-effort reader. */
export const MAX_BEST_EFFORT_BACKLOG = 16;

/** Least fragment size accepted: smaller ones would make the bookkeeping dearer than the data. */
export const MIN_FRAGMENT_OCTETS = 64;

/** Remote participants. A ROS 2 domain cannot have more than 120 on one host; a site has a few hosts. */
export const MAX_REMOTE_PARTICIPANTS = 512;

/** Endpoints of one remote participant. A Nav2 container has about 600. */
export const MAX_ENDPOINTS_PER_PARTICIPANT = 4096;

/** Nodes of one remote participant in the graph. */
export const MAX_NODES_PER_PARTICIPANT = 1024;

/** Locators kept per participant or endpoint: a host has a handful of interfaces. */
export const MAX_LOCATORS = 16;

/** Topic, type and node names. DDS implementations bound them to 256. */
export const MAX_NAME_OCTETS = 1024;

/** USER_DATA: `typehash=RIHS01_<64 hex>;` is 81 octets, `enclave=...;` a path. */
export const MAX_USER_DATA_OCTETS = 4096;

/** Largest UDP payload over IPv4. */
export const MAX_DATAGRAM_OCTETS = 65_507;
