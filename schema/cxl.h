/* SPDX-License-Identifier: Apache-2.0 */
/* All of CXL that this project knows, as pure bounded encoders and decoders. */
#ifndef FWA_SCHEMA_CXL_H
#define FWA_SCHEMA_CXL_H

#include "schema/cxl_effects.h"
#include "schema/cxl_feature.h"
#include "schema/cxl_mailbox.h"
#include "schema/cxl_rpc.h"
#include "schema/text.h"

#endif
