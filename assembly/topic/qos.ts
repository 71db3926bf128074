/** How samples reach subscriptions. */
export enum Reliability {
  /** A lost sample stays lost. */
  BestEffort = 0,
  /** A lost sample is sent again. */
  Reliable = 1,
}

/** What a subscription that comes later gets. */
export enum Durability {
  Volatile = 0,
  /** The last samples of each publisher that lives. */
  TransientLocal = 1,
}

export enum History {
  KeepLast = 0,
  KeepAll = 1,
}

export enum Liveliness {
  Automatic = 0,
  ManualByTopic = 1,
}

/**
 * Quality of service of a publisher or subscription; the defaults and profiles are rclpy's. Times are in nanoseconds,
 * 0 means infinite. The fields lie in memory exactly as the ABI's QoS record wants them (docs/abi.md), so their order
 * and types are not to be changed.
 */
export class QoS {
  reliability: u8 = <u8>Reliability.Reliable;
  durability: u8 = <u8>Durability.Volatile;
  history: u8 = <u8>History.KeepLast;
  liveliness: u8 = <u8>Liveliness.Automatic;
  /** Samples kept by {@link History.KeepLast}: 1 to 65,535. */
  depth: u32;
  /** Longest time between two samples. */
  deadline: u64 = 0;
  /** How long a published sample is good. */
  lifespan: u64 = 0;
  livelinessLease: u64 = 0;

  constructor(depth: u32 = 10) {
    this.depth = depth;
  }

  /** qos_profile_sensor_data: best effort, the last 5. */
  static get sensorData(): QoS {
    const qos = new QoS(5);
    qos.reliability = <u8>Reliability.BestEffort;
    return qos;
  }

  /** qos_profile_services_default: reliable, the last 10. */
  static get services(): QoS {
    return new QoS(10);
  }

  /** qos_profile_parameters: reliable, the last 1,000. */
  static get parameters(): QoS {
    return new QoS(1000);
  }

  /** qos_profile_parameter_events: reliable, the last 1,000. */
  static get parameterEvents(): QoS {
    return new QoS(1000);
  }

  /** Reliable, and subscriptions that come later get the last `depth`; with 1 also qos_profile_action_status_default. */
  static transientLocal(depth: u32): QoS {
    const qos = new QoS(depth);
    qos.durability = <u8>Durability.TransientLocal;
    return qos;
  }

  /** Reliable, nothing is dropped: a publisher waits for its subscriptions. */
  static get keepAll(): QoS {
    const qos = new QoS(0);
    qos.history = <u8>History.KeepAll;
    return qos;
  }
}
