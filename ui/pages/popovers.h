/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Once, after GTK is initialised and before the first window; for every popover of the program, GTK's own too. Main thread. */
void chain_popovers_mend (void);
