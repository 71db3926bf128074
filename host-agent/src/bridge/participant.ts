import { LIMITS } from "../limits.js";
import { demangleTopic, demangleType, mangleReply, mangleRequest, mangleTopic } from "../ros2/names.js";
import { networkQos } from "../ros2/qos.js";
import { type NodeRemapping, qualifiedName } from "../ros2/remap.js";
import { parseTypeHashUserData, typeHashFromDigest } from "../ros2/type-hash.js";
import { keyName } from "../xrce/message/client-key.js";
import type {
  EndpointRequest,
  OnMatch,
  OnReply,
  OnRequest,
  OnSample,
  ParticipantEntity,
  ReaderEntity,
  ReplierEntity,
  RequesterEntity,
  ServiceRequest,
  WriterEntity,
} from "../xrce/object/data-space.js";
import type { Timer } from "../xrce/session/timers.js";
import type { BridgeContext } from "./bridge-context.js";
import { deviceLogWriter, isDeviceLog } from "./device-log.js";
import { MatchedEnds } from "./matched-ends.js";
import type { EndpointDescription, EndpointListener, MatchedEndpoint, NetworkNode } from "./network.js";
import { SERVICE_QOS } from "./network.js";
import { type DeviceIdentity, nodeParameters } from "./overrides.js";
import { isParameterOverrides, parameterOverridesReader } from "./parameter-overrides.js";
import { Replier } from "./replier.js";
import { Requester } from "./requester.js";
import { Rosout, type RosoutSeverity } from "./rosout.js";
import type { ServiceEnd } from "./service-end.js";

/** A device's participant: a ROS 2 node. */
export class Participant implements ParticipantEntity {
  /** `/ns/name`. */
  readonly nodeName: string;
  private readonly rosout: Rosout;
  /** Runs while the node, in another domain than the agent's, has matched nothing. */
  private readonly loneliness: Timer;

  constructor(
    private readonly node: NetworkNode,
    private readonly device: DeviceIdentity,
    private readonly names: NodeRemapping,
    private readonly context: BridgeContext,
    private readonly onClose: (unsaid: readonly Uint8Array[]) => void,
    private readonly domainId: number | undefined = context.domainId,
  ) {
    this.nodeName = qualifiedName(node);
    this.rosout = new Rosout(node, context);
    this.loneliness = context.timers.create(() => this.reportAlone());
    if (domainId !== context.domainId) this.loneliness.schedule(LIMITS.aloneMs);
  }

  /** Says on /rosout what went wrong with the node. */
  say(severity: RosoutSeverity, message: string): void {
    this.rosout.say(severity, message);
  }

  private reportAlone(): void {
    const { clientKey, nodeName: node, domainId } = this;
    const agentDomainId = this.context.domainId;
    if (domainId === undefined || agentDomainId === undefined) return;
    this.context.report({ type: "alone_in_domain", clientKey, node, domainId, agentDomainId });
  }

  get clientKey(): number {
    return this.device.clientKey;
  }

  createWriter(request: EndpointRequest, onSpace: () => void, onMatch: OnMatch): WriterEntity {
    const description = this.describe(request);
    const listener = { ...this.listener(description, new MatchedEnds(1, onMatch), 0), onSpace };
    const writer = this.node.createWriter(description, listener);
    const entity = {
      write: (payload: Uint8Array) => writer.write(payload) !== undefined,
      close: () => writer.close(),
    };
    if (!isDeviceLog(request)) return entity;
    this.rosout.useWriter(writer);
    const close = () => {
      this.rosout.useWriter(undefined);
      writer.close();
    };
    Object.assign(entity, { close });
    return deviceLogWriter(entity, this.nodeName, this.clientKey, this.context);
  }

  createReader(request: EndpointRequest, onSample: OnSample, onMatch: OnMatch): ReaderEntity {
    if (isParameterOverrides(request)) return this.createOverridesReader(onSample);
    const description = this.describe(request);
    return this.node.createReader(description, {
      ...this.listener(description, new MatchedEnds(1, onMatch), 0),
      onSample: (sample) => onSample(sample.payload, sample.littleEndian),
      onLost: (reason) => this.reportLost(description.topic, reason),
    });
  }

  createRequester(
    request: ServiceRequest,
    onReply: OnReply,
    onSpace: () => void,
    onMatch: OnMatch,
  ): RequesterEntity {
    return new Requester(this.serviceEnd(request), this.context, onReply, onSpace, onMatch);
  }

  createReplier(
    request: ServiceRequest,
    onRequest: OnRequest,
    onSpace: () => void,
    onMatch: OnMatch,
  ): ReplierEntity {
    return new Replier(this.serviceEnd(request), this.context, onRequest, onSpace, onMatch);
  }

  private createOverridesReader(onSample: OnSample): ReaderEntity {
    const parameters = nodeParameters(this.context.overrides, this.device, this.node);
    return parameterOverridesReader(this.nodeName, this.context.wallNs(), parameters, onSample);
  }

  private reportLost(topic: string, reason: string): void {
    const { clientKey, nodeName: node } = this;
    this.context.report({ type: "sample_lost", clientKey, node, topic, reason });
  }

  leave(): void {
    this.rosout.leave();
  }

  close(): void {
    this.loneliness.cancel();
    const unsaid = this.rosout.close();
    this.node.close();
    this.onClose(unsaid);
  }

  private describe(request: EndpointRequest): EndpointDescription {
    const announced = request.userData === undefined ? undefined : parseTypeHashUserData(request.userData);
    return {
      topic: this.remapped(request.topic),
      type: request.type,
      qos: networkQos(request.qos),
      ...this.typeHash(request.topic, request.type, request.typeDigest, announced),
    };
  }

  /** @param topic on the network; one that is none of ROS 2 stays as it is */
  private remapped(topic: string): string {
    const { role, name } = demangleTopic(topic);
    if (role === "dds") return topic;
    const renamed = this.names.apply(role, name);
    if (renamed === name) return topic;
    if (role === "topic") return mangleTopic(renamed);
    return topic.startsWith("rq/") ? mangleRequest(renamed) : mangleReply(renamed);
  }

  private reportUnknownHash(topic: string, ddsType: string): void {
    const { clientKey, nodeName: node } = this;
    this.context.report({ type: "type_hash_unknown", clientKey, node, topic, ddsType });
  }

  private typeHash(
    topic: string,
    type: string,
    digest: Uint8Array | undefined,
    announced?: string,
  ): { typeHash?: string } {
    const own = announced ?? (digest === undefined ? undefined : typeHashFromDigest(digest));
    const typeHash = own ?? this.context.lookupTypeHash(type);
    if (typeHash === undefined && demangleType(type) !== undefined) this.reportUnknownHash(topic, type);
    return typeHash === undefined ? {} : { typeHash };
  }

  private renamedService({ serviceName, requestTopic }: ServiceRequest): string {
    const topic = this.remapped(requestTopic);
    return topic === requestTopic ? serviceName : demangleTopic(topic).name;
  }

  private serviceEnd(service: ServiceRequest): ServiceEnd {
    return {
      node: this.node,
      nodeName: this.nodeName,
      clientKey: this.clientKey,
      serviceName: this.renamedService(service),
      request: {
        topic: this.remapped(service.requestTopic),
        type: service.requestType,
        qos: SERVICE_QOS,
        ...this.typeHash(service.requestTopic, service.requestType, service.requestTypeDigest),
      },
      reply: {
        topic: this.remapped(service.replyTopic),
        type: service.replyType,
        qos: SERVICE_QOS,
        ...this.typeHash(service.replyTopic, service.replyType, service.replyTypeDigest),
      },
      listener: (description, ends, side) => this.listener(description, ends, side),
    };
  }

  private listener(
    { topic, type, typeHash }: EndpointDescription,
    ends: MatchedEnds,
    side: 0 | 1,
  ): Required<EndpointListener> {
    const common = { clientKey: this.clientKey, node: this.nodeName, topic };
    return {
      onMatch: (remote: MatchedEndpoint, matched: boolean, total: number) => {
        const known = { ...common, remote: guidName(remote.guid) };
        this.loneliness.cancel();
        this.context.report({ type: "matched", ...known, matched, total });
        if (matched && differs(typeHash, remote.typeHash)) {
          const hashes = { ddsType: type, own: typeHash as string, other: remote.typeHash as string };
          this.context.report({ type: "type_hash_differs", ...known, ...hashes });
        }
        ends.matched(side, remote, matched);
      },
      onIncompatible: (remote: MatchedEndpoint, reason: string | undefined) => {
        if (reason !== undefined) {
          this.context.report({ type: "incompatible", ...common, remote: guidName(remote.guid), reason });
        }
        ends.mismatched(side, remote, reason !== undefined);
      },
    };
  }
}

const differs = (own: string | undefined, other: string | undefined): boolean =>
  own !== undefined && other !== undefined && own !== other;

const guidName = (guid: Uint8Array): string => Buffer.from(guid).toString("hex");

/** The node name of a participant that says none. */
export const defaultNodeName = (clientKey: number): string => `xrce_client_${keyName(clientKey)}`;
