#include "power_loss.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kSector = 512, kPath = 1024 };

// A write, or with no data a truncation, that was not synced.
typedef struct Operation {
  struct Operation* next;
  sqlite3_int64 offset;
  int length;
  unsigned char* data;
} Operation;

// A file: what is synced of it, and what came after that.
typedef struct Image {
  struct Image* next;
  char path[kPath];
  unsigned char* bytes;
  sqlite3_int64 length;
  Operation* first;
  Operation** last;
} Image;

// The faults of the files whose paths begin alike.
typedef struct Fault {
  struct Fault* next;
  char path[kPath];
  int64_t operations;
  int64_t first;
  int64_t count;
  int code;
} Fault;

// What SQLite holds of an open file; the system's own file stands behind it.
typedef struct {
  sqlite3_file base;
  Image* image;
  sqlite3_file* real;
} File;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Image* images;
static Fault* faults;
static sqlite3_vfs vfs;

static sqlite3_file* Real(sqlite3_file* file) { return ((File*)file)->real; }

static int Begins(const char* path, const char* prefix) { return strncmp(path, prefix, strlen(prefix)) == 0; }

static void* Allocate(size_t size) {
  void* memory = calloc(1, size ? size : 1);
  if (memory == NULL) abort();
  return memory;
}

// The image of a path, new where there is none.
static Image* FindImage(const char* path) {
  for (Image* image = images; image != NULL; image = image->next) {
    if (strcmp(image->path, path) == 0) return image;
  }
  Image* image = Allocate(sizeof(Image));
  snprintf(image->path, kPath, "%s", path);
  image->last = &image->first;
  image->next = images;
  images = image;
  return image;
}

// Counts an operation of a file; SQLite's result code where it shall fail.
static int CountOperation(const char* path) {
  for (Fault* fault = faults; fault != NULL; fault = fault->next) {
    if (!Begins(path, fault->path)) continue;
    int64_t index = fault->operations++;
    if (fault->first < 0 || index < fault->first) continue;
    if (fault->count < 0 || index < fault->first + fault->count) return fault->code;
  }
  return SQLITE_OK;
}

static void Resize(unsigned char** bytes, sqlite3_int64* length, sqlite3_int64 wanted) {
  unsigned char* grown = realloc(*bytes, wanted > 0 ? (size_t)wanted : 1);
  if (grown == NULL) abort();
  if (wanted > *length) memset(grown + *length, 0, (size_t)(wanted - *length));
  *bytes = grown;
  *length = wanted;
}

static void ApplyPart(unsigned char** bytes, sqlite3_int64* length, const Operation* operation, int from, int to) {
  if (operation->offset + to > *length) Resize(bytes, length, operation->offset + to);
  memcpy(*bytes + operation->offset + from, operation->data + from, (size_t)(to - from));
}

static void Apply(unsigned char** bytes, sqlite3_int64* length, const Operation* operation) {
  if (operation->data == NULL) {
    Resize(bytes, length, operation->offset);
  } else {
    ApplyPart(bytes, length, operation, 0, operation->length);
  }
}

static void Forget(Image* image) {
  while (image->first != NULL) {
    Operation* operation = image->first;
    image->first = operation->next;
    free(operation->data);
    free(operation);
  }
  image->last = &image->first;
}

static void Note(Image* image, sqlite3_int64 offset, const void* data, int length) {
  if (image == NULL) return;
  Operation* operation = Allocate(sizeof(Operation));
  operation->offset = offset;
  operation->length = length;
  if (data != NULL) {
    operation->data = Allocate((size_t)length);
    memcpy(operation->data, data, (size_t)length);
  }
  *image->last = operation;
  image->last = &operation->next;
}

static int Close(sqlite3_file* file) {
  int code = Real(file)->pMethods->xClose(Real(file));
  file->pMethods = NULL;
  return code;
}

static int Read(sqlite3_file* file, void* bytes, int count, sqlite3_int64 offset) {
  return Real(file)->pMethods->xRead(Real(file), bytes, count, offset);
}

static int Write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  Image* image = ((File*)file)->image;
  pthread_mutex_lock(&mutex);
  int code = image == NULL ? SQLITE_OK : CountOperation(image->path);
  if (code == SQLITE_OK) code = Real(file)->pMethods->xWrite(Real(file), bytes, count, offset);
  if (code == SQLITE_OK) Note(image, offset, bytes, count);
  pthread_mutex_unlock(&mutex);
  return code;
}

static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  Image* image = ((File*)file)->image;
  pthread_mutex_lock(&mutex);
  int code = image == NULL ? SQLITE_OK : CountOperation(image->path);
  if (code == SQLITE_OK) code = Real(file)->pMethods->xTruncate(Real(file), size);
  if (code == SQLITE_OK) Note(image, size, NULL, 0);
  pthread_mutex_unlock(&mutex);
  return code;
}

// Nothing reaches a disk: what is synced is what the image has.
static int Sync(sqlite3_file* file, int flags) {
  (void)flags;
  Image* image = ((File*)file)->image;
  if (image == NULL) return SQLITE_OK;
  pthread_mutex_lock(&mutex);
  int code = CountOperation(image->path);
  if (code == SQLITE_OK) {
    for (Operation* operation = image->first; operation != NULL; operation = operation->next) {
      Apply(&image->bytes, &image->length, operation);
    }
    Forget(image);
  }
  pthread_mutex_unlock(&mutex);
  return code;
}

static int FileSize(sqlite3_file* file, sqlite3_int64* size) { return Real(file)->pMethods->xFileSize(Real(file), size); }
static int Lock(sqlite3_file* file, int level) { return Real(file)->pMethods->xLock(Real(file), level); }
static int Unlock(sqlite3_file* file, int level) { return Real(file)->pMethods->xUnlock(Real(file), level); }
static int CheckLock(sqlite3_file* file, int* out) { return Real(file)->pMethods->xCheckReservedLock(Real(file), out); }

// Hints of sizes would write to the file unseen.
static int Control(sqlite3_file* file, int operation, void* argument) {
  if (operation == SQLITE_FCNTL_SIZE_HINT || operation == SQLITE_FCNTL_CHUNK_SIZE) return SQLITE_OK;
  return Real(file)->pMethods->xFileControl(Real(file), operation, argument);
}

static int SectorSize(sqlite3_file* file) { return Real(file)->pMethods->xSectorSize(Real(file)); }
static int Characteristics(sqlite3_file* file) { return Real(file)->pMethods->xDeviceCharacteristics(Real(file)); }

static int MapShared(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return Real(file)->pMethods->xShmMap(Real(file), page, size, extend, out);
}

static int LockShared(sqlite3_file* file, int offset, int count, int flags) {
  return Real(file)->pMethods->xShmLock(Real(file), offset, count, flags);
}

static void BarrierShared(sqlite3_file* file) { Real(file)->pMethods->xShmBarrier(Real(file)); }
static int UnmapShared(sqlite3_file* file, int deletes) { return Real(file)->pMethods->xShmUnmap(Real(file), deletes); }

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = Close,
    .xRead = Read,
    .xWrite = Write,
    .xTruncate = Truncate,
    .xSync = Sync,
    .xFileSize = FileSize,
    .xLock = Lock,
    .xUnlock = Unlock,
    .xCheckReservedLock = CheckLock,
    .xFileControl = Control,
    .xSectorSize = SectorSize,
    .xDeviceCharacteristics = Characteristics,
    .xShmMap = MapShared,
    .xShmLock = LockShared,
    .xShmBarrier = BarrierShared,
    .xShmUnmap = UnmapShared,
};

// What a file held before it was first opened is taken for synced.
static void Load(Image* image, sqlite3_file* real) {
  sqlite3_int64 size = 0;
  if (image->bytes != NULL || image->first != NULL) return;
  if (real->pMethods->xFileSize(real, &size) != SQLITE_OK || size == 0) return;
  Resize(&image->bytes, &image->length, size);
  if (real->pMethods->xRead(real, image->bytes, (int)size, 0) != SQLITE_OK) abort();
}

static int Open(sqlite3_vfs* self, const char* name, sqlite3_file* file, int flags, int* out) {
  sqlite3_vfs* system = self->pAppData;
  File* opened = (File*)file;
  opened->real = (sqlite3_file*)(opened + 1);
  opened->image = NULL;
  file->pMethods = NULL;
  int code = system->xOpen(system, name, opened->real, flags, out);
  if (code != SQLITE_OK) return code;
  if (name != NULL && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL))) {
    pthread_mutex_lock(&mutex);
    opened->image = FindImage(name);
    Load(opened->image, opened->real);
    pthread_mutex_unlock(&mutex);
  }
  file->pMethods = &methods;
  return SQLITE_OK;
}

static int Delete(sqlite3_vfs* self, const char* name, int syncs) {
  sqlite3_vfs* system = self->pAppData;
  pthread_mutex_lock(&mutex);
  int code = CountOperation(name);
  if (code == SQLITE_OK) code = system->xDelete(system, name, syncs);
  if (code == SQLITE_OK) {
    Image* image = FindImage(name);
    Forget(image);
    Resize(&image->bytes, &image->length, 0);
  }
  pthread_mutex_unlock(&mutex);
  return code;
}

int power_loss_register(void) {
  pthread_mutex_lock(&mutex);
  sqlite3_vfs* system = sqlite3_vfs_find(NULL);
  int code = SQLITE_ERROR;
  if (vfs.zName != NULL) {
    code = SQLITE_OK;
  } else if (system != NULL) {
    vfs = *system;
    vfs.pNext = NULL;
    vfs.zName = POWER_LOSS_NAME;
    vfs.szOsFile = (int)sizeof(File) + system->szOsFile;
    vfs.pAppData = system;
    vfs.xOpen = Open;
    vfs.xDelete = Delete;
    code = sqlite3_vfs_register(&vfs, 0);
  }
  pthread_mutex_unlock(&mutex);
  return code;
}

void power_loss_fail(const char* path, int64_t first, int64_t count, int code) {
  pthread_mutex_lock(&mutex);
  Fault* fault = faults;
  while (fault != NULL && strcmp(fault->path, path) != 0) fault = fault->next;
  if (fault == NULL) {
    fault = Allocate(sizeof(Fault));
    snprintf(fault->path, kPath, "%s", path);
    fault->next = faults;
    faults = fault;
  }
  fault->operations = 0;
  fault->first = first;
  fault->count = count;
  fault->code = code;
  pthread_mutex_unlock(&mutex);
}

int64_t power_loss_operations(const char* path) {
  int64_t count = 0;
  pthread_mutex_lock(&mutex);
  for (Fault* fault = faults; fault != NULL; fault = fault->next) {
    if (strcmp(fault->path, path) == 0) count = fault->operations;
  }
  pthread_mutex_unlock(&mutex);
  return count;
}

// SplitMix64 (Steele, Lea, Flood 2014).
static uint64_t Random(uint64_t* state) {
  uint64_t mixed = *state += 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
  return mixed ^ (mixed >> 31);
}

// Applies what of an operation the loss of power leaves: all, nothing, or some of its sectors.
static void ApplyByChance(unsigned char** bytes, sqlite3_int64* length, const Operation* operation, uint64_t* state) {
  uint64_t chance = Random(state) % 4;
  if (chance == 0) return;
  if (chance < 3 || operation->data == NULL) return Apply(bytes, length, operation);
  for (int from = 0; from < operation->length; from += kSector) {
    int to = from + kSector < operation->length ? from + kSector : operation->length;
    if (Random(state) & 1) ApplyPart(bytes, length, operation, from, to);
  }
}

static int CopyImage(const char* from, const char* to, int loses_power, uint64_t* state) {
  Image* image = FindImage(from);
  if (image->bytes == NULL && image->first == NULL) return 0;
  unsigned char* bytes = Allocate((size_t)image->length);
  sqlite3_int64 length = image->length;
  if (length > 0) memcpy(bytes, image->bytes, (size_t)length);
  for (Operation* operation = image->first; operation != NULL; operation = operation->next) {
    if (loses_power) {
      ApplyByChance(&bytes, &length, operation, state);
    } else {
      Apply(&bytes, &length, operation);
    }
  }
  FILE* file = fopen(to, "wb");
  int result = -1;
  if (file != NULL) {
    size_t written = fwrite(bytes, 1, (size_t)length, file);
    if (fclose(file) == 0 && written == (size_t)length) result = 0;
  }
  free(bytes);
  return result;
}

int power_loss_copy(const char* from, const char* to, int loses_power, uint64_t seed) {
  char from_log[kPath], to_log[kPath];
  snprintf(from_log, kPath, "%s-wal", from);
  snprintf(to_log, kPath, "%s-wal", to);
  pthread_mutex_lock(&mutex);
  int result = CopyImage(from, to, loses_power, &seed);
  if (result == 0) result = CopyImage(from_log, to_log, loses_power, &seed);
  pthread_mutex_unlock(&mutex);
  return result;
}

void power_loss_forget(const char* path) {
  pthread_mutex_lock(&mutex);
  for (Image** link = &images; *link != NULL;) {
    Image* image = *link;
    if (!Begins(image->path, path)) {
      link = &image->next;
      continue;
    }
    *link = image->next;
    Forget(image);
    free(image->bytes);
    free(image);
  }
  for (Fault** link = &faults; *link != NULL;) {
    Fault* fault = *link;
    if (!Begins(fault->path, path)) {
      link = &fault->next;
      continue;
    }
    *link = fault->next;
    free(fault);
  }
  pthread_mutex_unlock(&mutex);
}
