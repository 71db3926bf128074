import { DecodeError } from "../../errors.js";
import { LIMITS } from "../../limits.js";
import { INVALID_CLIENT_KEY, keyName } from "../message/client-key.js";
import type { CreateClient } from "../message/create-client.js";
import { decodeHeader, headerOctets, type MessageHeader } from "../message/header.js";
import { encodeMessage } from "../message/message.js";
import { OBJECTID_CLIENT } from "../message/object-id.js";
import {
  SESSION_NONE,
  SESSION_NONE_WITH_KEY,
  SESSION_WITHOUT_KEY,
  STREAM_NONE,
  Status,
  type StatusValue,
  XRCE_COOKIE,
  XRCE_VERSION,
} from "../message/protocol.js";
import { decodeSubmessage, type Submessage } from "../message/submessage.js";
import { splitSubmessages } from "../message/submessage-header.js";
import type { Peer, TransportListener } from "../transport/transport.js";
import { AGENT_IDENTIFICATION, answerGetInfo } from "./agent-information.js";
import { Client } from "./client.js";
import { KeyConflicts } from "./key-conflicts.js";
import type { SessionContext } from "./session-context.js";

/**
 * All clients of an agent (DDS-XRCE 1.0, 7.8.2 XRCE::Root): finds the session a message belongs to, opens and ends
 * sessions. A message with a client key in its header is found by the key, any other by where it came from.
 */
export class Sessions implements TransportListener {
  private readonly byKey = new Map<number, Client>();
  /** Clients whose session id says that the key is not in the header. */
  private readonly byPeer = new Map<string, Client>();
  private readonly conflicts: KeyConflicts;

  constructor(private readonly context: SessionContext) {
    this.conflicts = new KeyConflicts(context);
  }

  get count(): number {
    return this.byKey.size;
  }

  onMessage(peer: Peer, message: Uint8Array): void {
    const { statistics } = this.context;
    statistics.messagesReceived++;
    try {
      const header = decodeHeader(message);
      const client = this.find(peer, header);
      if (client !== undefined) client.receive(header, message);
      else this.receiveWithoutSession(peer, header, message);
    } catch (error) {
      if (!(error instanceof DecodeError)) {
        this.context.report({ type: "internal_error", where: peer.key, error });
        return;
      }
      statistics.malformedMessages++;
      this.context.report({
        type: "malformed_message",
        peer: peer.key,
        reason: `${error.message} (${error.where})`,
      });
    }
  }

  onGone(peerKeys: readonly string[], reason: string): void {
    const gone = new Set(peerKeys);
    for (const client of this.byKey.values()) {
      if (gone.has(client.peer.key)) client.connectionLost(reason);
    }
  }

  /** Ends all sessions. */
  close(reason: string): void {
    for (const client of [...this.byKey.values()]) this.remove(client, reason);
  }

  private find(peer: Peer, header: MessageHeader): Client | undefined {
    const { sessionId, clientKey } = header;
    if (sessionId === SESSION_NONE || sessionId === SESSION_NONE_WITH_KEY) return undefined;
    const client = clientKey === undefined ? this.byPeer.get(peer.key) : this.byKey.get(clientKey);
    if (client === undefined || client.sessionId !== sessionId) return undefined;
    if (client.peer.key !== peer.key) {
      this.conflicts.moved(client.clientKey, client.peer.key, peer.key);
      client.peer = peer;
    }
    return client;
  }

  private receiveWithoutSession(peer: Peer, header: MessageHeader, message: Uint8Array): void {
    this.conflicts.heardFrom(peer.key);
    let known = false;
    for (const raw of splitSubmessages(message, headerOctets(header.sessionId))) {
      const submessage = decodeSubmessage(raw);
      if (submessage?.kind === "create_client") this.create(peer, submessage);
      else if (submessage?.kind === "get_info")
        this.answer(
          peer,
          header,
          answerGetInfo(submessage, false, () => false),
        );
      else if (submessage?.kind === "delete" && submessage.objectId === OBJECTID_CLIENT) {
        const { requestId, objectId } = submessage;
        this.answer(peer, header, {
          kind: "status",
          requestId,
          objectId,
          status: Status.OK,
          implementationStatus: 0,
        });
      } else continue;
      known = true;
    }
    if (!known) this.context.statistics.unknownSession++;
  }

  private answer(peer: Peer, header: MessageHeader, submessage: Submessage): void {
    peer.send(encodeMessage({ ...header, streamId: STREAM_NONE, sequenceNumber: 0 }, [submessage]));
  }

  /** CREATE_CLIENT (DDS-XRCE 1.0, 7.8.2.1 and 8.3.5.1). */
  private create(peer: Peer, create: CreateClient): void {
    const refusal = this.refusal(create);
    if (refusal !== undefined) {
      const { clientKey } = create;
      this.context.report({ type: "client_refused", clientKey, peer: peer.key, reason: refusal.reason });
      this.answerCreate(peer, create, refusal.status);
      return;
    }
    const known = this.byKey.get(create.clientKey);
    if (known !== undefined && known.peer.key !== peer.key) {
      this.conflicts.moved(create.clientKey, known.peer.key, peer.key);
    }
    const resumed = known !== undefined && known.sessionId === create.sessionId;
    if (known !== undefined && !resumed) this.remove(known, "it opened a new session");
    this.vacate(peer, create);
    const client = resumed ? known : this.newClient(create, peer);
    if (resumed) this.resume(known, create, peer);
    else this.add(client);
    this.answerCreate(peer, create, Status.OK);
    const { clientKey, sessionId, mtu } = create;
    const connected = { type: "client_connected", clientKey, peer: peer.key, sessionId, mtu } as const;
    client.introduction.prepare({ ...connected, resumed: resumed && client.introduction.made });
  }

  private refusal(
    create: CreateClient,
  ): { readonly status: StatusValue; readonly reason: string } | undefined {
    const invalid = (reason: string) => ({ status: Status.ERR_INVALID_DATA, reason });
    if (create.cookie !== XRCE_COOKIE) return invalid("it does not say XRCE");
    if (create.clientKey === INVALID_CLIENT_KEY)
      return invalid("its client key is 00000000, which no client may have");
    if (create.sessionId === SESSION_NONE || create.sessionId === SESSION_NONE_WITH_KEY) {
      return invalid(`session id ${create.sessionId} means "no session"`);
    }
    if (create.mtu < LIMITS.minimumMtu) {
      return invalid(
        `its MTU of ${create.mtu} octets is below ${LIMITS.minimumMtu}, the least that holds an answer`,
      );
    }
    if (create.versionMajor !== XRCE_VERSION.major) {
      const reason = `it speaks DDS-XRCE ${create.versionMajor}.${create.versionMinor}, this agent ${XRCE_VERSION.major}.x`;
      return { status: Status.ERR_INCOMPATIBLE, reason };
    }
    if (this.byKey.size < LIMITS.clients || this.byKey.has(create.clientKey)) return undefined;
    return { status: Status.ERR_RESOURCES, reason: `the agent has its ${LIMITS.clients} clients` };
  }

  /** A board that restarted with another key speaks from where its old self did: that one is gone. */
  private vacate(peer: Peer, create: CreateClient): void {
    if (create.sessionId < SESSION_WITHOUT_KEY) return;
    const other = this.byPeer.get(peer.key);
    if (other === undefined || other.clientKey === create.clientKey) return;
    this.remove(other, `client ${keyName(create.clientKey)} took its place at ${peer.key}`);
  }

  private newClient(create: CreateClient, peer: Peer): Client {
    return new Client(create, peer, this.context, (client, reason) => this.remove(client, reason));
  }

  private resume(client: Client, create: CreateClient, peer: Peer): void {
    if (this.byPeer.get(client.peer.key) === client) this.byPeer.delete(client.peer.key);
    client.resume(create, peer);
    this.add(client);
  }

  private add(client: Client): void {
    this.byKey.set(client.clientKey, client);
    if (client.sessionId >= SESSION_WITHOUT_KEY) this.byPeer.set(client.peer.key, client);
  }

  private remove(client: Client, reason: string): void {
    if (this.byKey.get(client.clientKey) === client) this.byKey.delete(client.clientKey);
    if (this.byPeer.get(client.peer.key) === client) this.byPeer.delete(client.peer.key);
    client.close();
    if (client.introduction.made) {
      this.context.report({ type: "client_gone", clientKey: client.clientKey, reason });
    }
  }

  private answerCreate(peer: Peer, create: CreateClient, status: StatusValue): void {
    const { sessionId, clientKey } = create;
    const answer = {
      kind: "status_agent",
      status,
      implementationStatus: 0,
      ...AGENT_IDENTIFICATION,
    } as const;
    peer.send(encodeMessage({ sessionId, clientKey, streamId: STREAM_NONE, sequenceNumber: 0 }, [answer]));
  }
}
