/* WRITE_DATA and DATA (DDS-XRCE 1.0, 8.3.5.7, 8.3.5.9), and what DDS-RPC 1.0 puts in front of their samples. */
#ifndef ROSEHIP_XRCE_DATA_H
#define ROSEHIP_XRCE_DATA_H

#include "message.h"
#include "rosehip/xrce_session.h"

/* Gives a DATA to its object. ROSEHIP_OK (also if it does not decode: counted), or ROSEHIP_ERROR_BUSY. */
int rh_data_on_data(rosehip_xrce_session_t* session, const submessage_t* submessage, uint64_t now_us);

#endif
