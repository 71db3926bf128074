/**
 * Every size and number that a peer could drive up, with the reason for its default. docs/limits.md lists them.
 */

/** Device side (DDS-XRCE). Times are in milliseconds. */
export const LIMITS = {
  /** Clients of one agent. A fleet on one host is tens to hundreds; each idle client costs a few KiB. */
  clients: 1024,
  /** Objects of one client. The id space holds 4096 of each kind; a board's RAM ends well before this. */
  objectsPerClient: 1024,
  /** Properties in CREATE_CLIENT, and octets of each string. The one known today is `uxr_hl`. */
  clientProperties: 16,
  clientPropertyOctets: 256,
  /** Octets of an XML, reference or binary representation. The largest real ones are near 2 KiB. */
  representationOctets: 16 * 1024,
  /** Nesting of an XML representation. Real ones are six deep. */
  xmlDepth: 16,
  /** Octets of a name or type inside a representation; DDS itself allows 255 for each. */
  nameOctets: 512,
  /** Octets of user data of an endpoint: a type hash is 82. */
  userDataOctets: 1024,
  /** Addresses counted in an INFO. */
  infoAddresses: 64,
  /** Streams of each sort (best-effort, reliable) and direction that a client may use. Real clients use one. */
  streamsPerClient: 8,
  /** Messages in flight on a reliable stream, each way (the Micro XRCE-DDS Agent's window, and an ACKNACK's reach). */
  reliableWindow: 16,
  /** On a serial line, messages for one ACKNACK, and the longest wait for the second of them: a caller's next request is there. */
  acknackEvery: 2,
  acknackDelayMs: 5,
  /** Submessages that wait for room in a reliable output stream's window. A full input window can ask for this many. */
  pendingSubmessages: 512,
  /** Smallest MTU a client may announce: an INFO (36 octets) with a client key in the header has to fit. */
  minimumMtu: 40,
  /** A sample in octets, either way, and so the largest reassembly of fragments. */
  sampleOctets: 1024 * 1024,
  /** Messages of one client that wait while an earlier one is being handled (a participant opens its network). */
  waitingMessages: 32,
  /** Silence after which a client is asked whether it lives, how often, and how long each answer may take. */
  silenceMs: 30_000,
  probes: 5,
  probeIntervalMs: 1_000,
  /** The same for clients that set the property `uxr_hl`, as the Micro XRCE-DDS Agent does it. */
  hardLivelinessProbes: 3,
  hardLivelinessIntervalMs: 200,
  hardLivelinessMinimumMs: 100,
  /** The same for clients with Rosehip's firmware, which answer always: with the probes gone within 2 s. */
  rosehipSilenceMs: 1_200,
  /** Silence after which a client that never acknowledged anything, and so cannot be asked, is given up. */
  unaskableSilenceMs: 600_000,
  /** How long the objects of a client wait for it to come back after its connection or its serial device went away. */
  reconnectGraceMs: 1_500,
  /** A heartbeat follows an unacknowledged message after this, doubled up to the maximum while nothing comes. */
  heartbeatMinimumMs: 20,
  heartbeatMaximumMs: 200,
  /** A client that answers but gets no further with a fragmented sample for this long cannot hold it. */
  stallMs: 10_000,
  /** A client that has opened a session and not used it is reported after this. */
  introductionMs: 1_000,
  /** A return to an endpoint left this recently means two devices fight over one client key. */
  duplicateKeyWindowMs: 30_000,
  /** Largest wait of a reliable client write for room in the network's history (DDS max_blocking_time). */
  writeBlockingMs: 1_000,
  /** Requests of one requester that wait for a server, and how long each waits. */
  queuedRequests: 16,
  queuedRequestMs: 5_000,
  /** How long a request to a replier waits until its client's reply reader is discovered (as rmw_fastrtps's 100 ms). */
  replyReaderMs: 100,
  /**
   * Replies of one replier that wait for a client that is not known, and how long: after a restart of the agent, a device answers
   * before the clients have been discovered anew.
   */
  earlyReplies: 16,
  earlyReplyMs: 3_000,
  /** Requests of one requester whose replies are still awaited; the oldest is forgotten beyond. */
  outstandingRequests: 1024,
  /** Network of a domain stays open this long after its last participant left, so that a reconnect is quick. */
  networkLingerMs: 2_000,
  /** Payload of a serial frame, and a TCP message: what 16 bits can say. */
  frameOctets: 0xffff,
  /** Octets that wait to be written to one TCP connection or serial device before new messages are dropped. */
  backlogOctets: 1024 * 1024,
  /** TCP connections of one listener. */
  connections: 1024,
  /** Back-off between attempts to open a serial device again. */
  reopenMinimumMs: 50,
  reopenMaximumMs: 500,
  /** Reports that say the same are made once in this time; as many different ones are told apart. */
  repeatedReportMs: 60_000,
  repeatedReports: 1024,
  /** How long what the agent says in a device's name waits for the device's own writer of /rosout. */
  rosoutWaitMs: 1_000,
  /** Different sentences the agent says in one node's name. */
  rosoutSentences: 256,
  /** A node in another domain than the agent's that has matched nothing for this long is alone. */
  aloneMs: 10_000,
  /** Octets of a device's log line (logger name or message) that are shown. */
  logLineOctets: 4096,
} as const;
