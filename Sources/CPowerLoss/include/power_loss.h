// A file system for SQLite that can lose its power; for tests.
//
// It stands in front of the system's own and remembers, file by file, what was written since the last sync. A copy of
// the files can be taken at any moment as they would be after the process was killed, or after the power went: then
// any part of what was not synced is there or not, in sectors of 512 bytes.

#ifndef POWER_LOSS_H
#define POWER_LOSS_H

#include <stdint.h>

// The name to give to SQLite.
#define POWER_LOSS_NAME "powerloss"

// Makes the file system known to SQLite; to be called before a database is opened on it, as often as one likes.
// Returns SQLite's result code.
int power_loss_register(void);

// Whether `count` writes, truncations and syncs of the files whose paths begin with `path` fail from the `first` on,
// counted from now, with SQLite's result code `code`. A count below 0: all. A `first` below 0: none.
void power_loss_fail(const char* path, int64_t first, int64_t count, int code);

// Writes, truncations and syncs of these files since power_loss_fail.
int64_t power_loss_operations(const char* path);

// Copies the file at `from`, and the one with -wal behind its name, to `to`, both as they are at one moment.
// With `loses_power` a part of what was not synced is lost that `seed` decides. Returns 0, or -1 where a file could not
// be written.
int power_loss_copy(const char* from, const char* to, int loses_power, uint64_t seed);

// Forgets the files whose paths begin with `path`; none of them may be open.
void power_loss_forget(const char* path);

#endif
