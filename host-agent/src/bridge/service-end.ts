import type { EndpointDescription, EndpointListener, NetworkNode } from "./network.js";

/** Both topics of a service, and who uses them: what a device's requester or replier is made of. */
export interface ServiceEnd {
  readonly node: NetworkNode;
  /** `/ns/name`, for reports. */
  readonly nodeName: string;
  readonly clientKey: number;
  readonly serviceName: string;
  readonly request: EndpointDescription;
  readonly reply: EndpointDescription;
  /** Reports matches on a topic. */
  listener(topic: string): Required<EndpointListener>;
}
