import type { AckNack } from "../messages/acknack.js";
import { decodeMessageHeader } from "../messages/header.js";
import { decodeSubmessages, type Submessage } from "../messages/message.js";
import type { NackFrag } from "../messages/nack-frag.js";
import { GUID_PREFIX_UNKNOWN, type GuidPrefix } from "../structure/guid.js";
import type { WriterSubmessage } from "./stateful-reader.js";

export type EntitySubmessage = WriterSubmessage | AckNack | NackFrag;

/**
 * The Receiver (DDSI-RTPS 2.5, 8.3.4): follows the INFO_* submessages of a message and passes on those that
 * are for entities of this participant, with the participant they come from.
 */
export class MessageReceiver {
  private source: GuidPrefix = GUID_PREFIX_UNKNOWN;
  private forUs = true;

  constructor(
    private readonly own: GuidPrefix,
    /** Called once per message before its submessages, with the sender. */
    private readonly onMessage: (source: GuidPrefix) => void,
    private readonly onEntity: (source: GuidPrefix, submessage: EntitySubmessage) => void,
  ) {}

  /**
   * @param loop the message comes from this participant itself, on purpose
   * @throws DecodeError; the submessages before the bad one have been handled
   */
  receive(datagram: Uint8Array, loop = false): void {
    const { prefix } = decodeMessageHeader(datagram);
    // Multicast comes back to its sender.
    if (prefix === this.own && !loop) return;
    this.source = prefix;
    this.forUs = true;
    this.onMessage(prefix);
    decodeSubmessages(datagram, this.visit);
  }

  private readonly visit = (submessage: Submessage): void => {
    switch (submessage.kind) {
      case "infoDestination":
        this.forUs = submessage.prefix === this.own || submessage.prefix === GUID_PREFIX_UNKNOWN;
        return;
      case "infoSource":
        this.source = submessage.prefix;
        // Nobody else speaks for this participant.
        if (submessage.prefix === this.own) this.forUs = false;
        return;
      case "infoTimestamp":
        // Source timestamps are not handed out: no consumer has a use for them.
        return;
      default:
        if (this.forUs) this.onEntity(this.source, submessage);
    }
  };
}
