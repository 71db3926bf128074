/* What the files of the deployment share: deploy.c takes apps over the link, trial.c decides which one runs. */
#ifndef ROSEHIP_RUNTIME_DEPLOY_H
#define ROSEHIP_RUNTIME_DEPLOY_H

#include "rosehip/app_slot.h"
#include "state.h"

/* Which app runs: a slot, or one of these. As in rosehip_interfaces/srv/Deploy. */
enum { RUNS_FACTORY = 254, RUNS_NONE = 255 };

enum { DEPLOYER_BYTES = 16 /* the GUID in a sample identity */ };

/*
 * Transfer:
 *   none      -BEGIN-> writing
 *   writing   `writer` takes parts of one deployer  -COMMIT, all is well-> committed; -ABORT, COMMIT, flash fails-> none;
 *                                                   -BEGIN of the same, or of another after TRANSFER_IDLE_US-> writing
 *   committed the slot is PENDING; the next step runs it                                                     -> none
 * Trial:
 *   none      -a PENDING app is started-> on trial
 *   on trial  until `trial_end_us`, and then until the agent says something, if it was there when the trial began: at the
 *             latest its answer to a ping           -it stopped, or the agent is lost-> rolled back; -else-> confirmed
 */
struct deploy {
  rosehip_runtime_t* runtime;
  rosehip_app_slots_t slots;
  const uint8_t* factory; /* the app linked into the firmware; NULL: none */
  size_t factory_bytes;
  uint8_t* copy;          /* of the app that runs, in the arena, if the flash cannot be mapped */
  uint8_t running;
  bool on_trial;
  bool was_connected;     /* when the trial began */
  uint32_t faults;        /* of apps, when the trial began */
  uint64_t trial_end_us;
  uint32_t received;      /* messages from the agent until then */

  rosehip_node_t* node;
  rosehip_service_t* service;
  bool writing, committed;
  uint8_t deployer[DEPLOYER_BYTES];
  uint64_t heard_us;      /* when the deployer last said something */
  rosehip_app_writer_t writer;

  bool reply_waits;       /* the agent or the arena could not take it yet; further requests wait for it */
  uint8_t result;         /* that it tells */
  uint8_t reply_to[ROSEHIP_SAMPLE_IDENTITY_BYTES];
  char message[FAULT_REASON_BYTES]; /* about the last result or trial */
};

/* Writes a text for people into deploy->message. */
void rh_deploy_say(struct deploy* deploy, const char* text);

/* True if the signature is good, or none is needed. */
bool rh_deploy_signature_holds(const struct deploy* deploy, const rosehip_app_description_t* app);

/* Stops the app that runs and starts the best there is: the newest slot that can run, the factory app, none. */
void rh_trial_start_best(struct deploy* deploy);

/* Confirms or rolls back the app on trial, if it is time. */
void rh_trial_watch(struct deploy* deploy, uint64_t now_us);

/* When rh_trial_watch has something to do; ROSEHIP_NEVER_US without a trial. */
uint64_t rh_trial_wake_us(const struct deploy* deploy, uint64_t now_us);

uint32_t rh_deploy_health_ms(const struct deploy* deploy);

#endif
