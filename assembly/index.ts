/// <reference path="./globals.d.ts" />
/** What an app imports from "rosehip/assembly". */
export { ActionType, Message, MessageType, ServiceType } from "./interface";
export { Logger } from "./node/logger";
export { Node } from "./node/node";
export { Service } from "./service/service";
export { sleep } from "./task/sleep";
