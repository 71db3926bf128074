/** Each wait of a service client ends, and nothing of it stays behind. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ServiceClient } from "../../../cli/service-client.js";
import { serviceTypes } from "../../../cli/service-types.js";
import { FakeNetwork } from "./fake-network.js";

const types = serviceTypes("example_interfaces/srv/AddTwoInts");
const SERVICE = "/add_two_ints";
const REQUEST = { a: 2n, b: 3n };
const ANSWER = { sum: 5n };

describe("a service client", () => {
  let network: FakeNetwork;
  let client: ServiceClient;
  beforeEach(() => {
    vi.useFakeTimers();
    network = new FakeNetwork();
    client = new ServiceClient(network, "client", SERVICE, types);
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  const closed = { code: "CALL_CLOSED", where: SERVICE, remedy: expect.stringMatching(/./) };
  const answer = () => types.response.codec.encode(ANSWER);

  it("is answered, and leaves no timer", async () => {
    network.serve(SERVICE, answer);
    await client.waitForService(1000);
    expect(await client.call(REQUEST, 1000)).toEqual(ANSWER);
  });

  it("tells all that wait for the service when it is there", async () => {
    const waiting = [client.waitForService(1000), client.waitForService(20)];
    vi.advanceTimersByTime(10);
    network.serve(SERVICE, answer);
    await Promise.all(waiting);
  });

  it("tells the one whose time is up, and the other waits on", async () => {
    const waiting = client.waitForService(1000);
    const impatient = expect(client.waitForService(20)).rejects.toMatchObject({ code: "CALL_NO_SERVICE" });
    vi.advanceTimersByTime(20);
    await impatient;
    network.serve(SERVICE, answer);
    await waiting;
  });

  it("tells all callers, and those who wait for the service, that it is closed", async () => {
    const under = [client.call(REQUEST, 1000), client.call(REQUEST, 1000), client.waitForService(1000)];
    const told = under.map((one) => expect(one).rejects.toMatchObject(closed));
    client.close();
    client.close();
    await Promise.all(told);
    expect(network.nodes.size).toBe(0);
  });

  it("tells those who come after it was closed", async () => {
    network.serve(SERVICE, answer);
    client.close();
    await expect(client.waitForService(1000)).rejects.toMatchObject(closed);
    await expect(client.call(REQUEST, 1000)).rejects.toMatchObject(closed);
  });
});
