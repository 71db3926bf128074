import type { MatchedEnds } from "./matched-ends.js";
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
  /** Reports matches on one of the topics, and counts them as a side of `ends`. */
  listener(description: EndpointDescription, ends: MatchedEnds, side: 0 | 1): Required<EndpointListener>;
}

export const serviceListeners = (end: ServiceEnd, ends: MatchedEnds) => ({
  request: end.listener(end.request, ends, 0),
  reply: end.listener(end.reply, ends, 1),
});
