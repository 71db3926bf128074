import type { OnRequest, ReplierEntity, RequestIdentity } from "../xrce/object/data-space.js";
import { cycloneReply, readCycloneRequest } from "./cyclone-service.js";
import type { NetworkReader, NetworkWriter, Sample } from "./network.js";
import type { ServiceEnd } from "./service-end.js";

/**
 * A device's service server: reads requests and writes replies. A request is known by the client's reply reader, if the
 * request says it (rmw_fastrtps does), or else by its writer, and by the request's own sequence number; its reply
 * carries the same as related_sample_identity. Requests of rmw_cyclonedds are told apart by their vendor.
 */
export class Replier implements ReplierEntity {
  private readonly writer: NetworkWriter;
  private readonly reader: NetworkReader;

  constructor(
    end: ServiceEnd,
    private readonly onRequest: OnRequest,
    onSpace: () => void,
  ) {
    this.writer = end.node.createWriter(end.reply, { ...end.listener(end.reply.topic), onSpace });
    this.reader = end.node.createReader(end.request, {
      ...end.listener(end.request.topic),
      onSample: (sample) => this.offer(sample),
    });
  }

  reply(identity: RequestIdentity, payload: Uint8Array): boolean {
    const forCyclone = cycloneReply(identity, payload);
    if (forCyclone !== undefined) return this.writer.write(forCyclone) !== undefined;
    return this.writer.write(payload, identity) !== undefined;
  }

  resume(): void {
    this.reader.resume();
  }

  close(): void {
    this.reader.close();
    this.writer.close();
  }

  private offer(sample: Sample): boolean {
    const cyclone = readCycloneRequest(sample);
    if (cyclone !== undefined) return this.onRequest(cyclone.identity, cyclone.payload, sample.littleEndian);
    const identity = {
      guid: sample.related?.guid ?? sample.writer.guid,
      sequenceNumber: sample.writer.sequenceNumber,
    };
    return this.onRequest(identity, sample.payload, sample.littleEndian);
  }
}
