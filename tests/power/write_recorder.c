/* Records what a process does to the files below one folder and says to its sockets, in order.
 *
 * LD_PRELOAD it with RECORD_FOLDER and RECORD_LOG set.  Each call is done and recorded under one
 * lock, so the log has the order in which things happened.  A record is the struct below, in the machine's byte order, and `length` bytes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 4096

struct record {
    uint8_t kind; /* O open, W write, T truncate, S sync, U unlink, R rename, C connect, N send */
    int32_t fd;
    int64_t offset; /* W: where; T: the new size; O: 1 if the file was emptied */
    uint32_t length;
} __attribute__((packed));

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char watched[FDS];
static int log_fd = -1;

static void note(char kind, int fd, int64_t offset, const void *data, size_t length)
{
    struct record head = {kind, fd, offset, length};
    struct iovec parts[2] = {{&head, sizeof head}, {(void *)data, length}};
    if (log_fd < 0)
        log_fd = syscall(SYS_openat, AT_FDCWD, getenv("RECORD_LOG"),
                         O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (syscall(SYS_writev, log_fd, parts, 2) != (long)(sizeof head + length))
        abort();
}

static int is_below(const char *path)
{
    const char *folder = getenv("RECORD_FOLDER");
    return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_watched(int fd) { return fd >= 0 && fd < FDS && watched[fd]; }

#define REAL(name, ...)                                                                            \
    static __typeof__(name) *real;                                                                 \
    if (!real)                                                                                     \
        real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name);

static int opened(int fd, const char *path, int flags)
{
    if (fd >= 0 && fd < FDS) {
        watched[fd] = is_below(path);
        if (watched[fd])
            note('O', fd, (flags & O_TRUNC) != 0, path, strlen(path));
    }
    return fd;
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        REAL(name)                                                                                 \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        int mode = va_arg(rest, int);                                                              \
        va_end(rest);                                                                              \
        pthread_mutex_lock(&lock);                                                                 \
        int fd = opened(real(path, flags, mode), path, flags);                                     \
        pthread_mutex_unlock(&lock);                                                               \
        return fd;                                                                                 \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                               \
    int name(int at, const char *path, int flags, ...)                                             \
    {                                                                                              \
        REAL(name)                                                                                 \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        int mode = va_arg(rest, int);                                                              \
        va_end(rest);                                                                              \
        pthread_mutex_lock(&lock);                                                                 \
        int fd = opened(real(at, path, flags, mode), path, flags);                                 \
        pthread_mutex_unlock(&lock);                                                               \
        return fd;                                                                                 \
    }
OPENAT(openat)
OPENAT(openat64)

#define PWRITE(name, position)                                                                     \
    ssize_t name(int fd, const void *data, size_t length, position offset)                         \
    {                                                                                              \
        REAL(name)                                                                                 \
        if (!is_watched(fd))                                                                       \
            return real(fd, data, length, offset);                                                 \
        pthread_mutex_lock(&lock);                                                                 \
        ssize_t done = real(fd, data, length, offset);                                             \
        if (done > 0)                                                                              \
            note('W', fd, offset, data, done);                                                     \
        pthread_mutex_unlock(&lock);                                                               \
        return done;                                                                               \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t write(int fd, const void *data, size_t length)
{
    REAL(write)
    if (!is_watched(fd))
        return real(fd, data, length);
    pthread_mutex_lock(&lock);
    ssize_t done = real(fd, data, length);
    if (done > 0)
        note('W', fd, lseek(fd, 0, SEEK_CUR) - done, data, done);
    pthread_mutex_unlock(&lock);
    return done;
}

#define TRUNCATE(name, position)                                                                   \
    int name(int fd, position size)                                                                \
    {                                                                                              \
        REAL(name)                                                                                 \
        if (!is_watched(fd))                                                                       \
            return real(fd, size);                                                                 \
        pthread_mutex_lock(&lock);                                                                 \
        int failed = real(fd, size);                                                               \
        if (!failed)                                                                               \
            note('T', fd, size, "", 0);                                                            \
        pthread_mutex_unlock(&lock);                                                               \
        return failed;                                                                             \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define SYNC(name)                                                                                 \
    int name(int fd)                                                                               \
    {                                                                                              \
        REAL(name)                                                                                 \
        if (!is_watched(fd))                                                                       \
            return real(fd);                                                                       \
        pthread_mutex_lock(&lock);                                                                 \
        int failed = real(fd);                                                                     \
        if (!failed)                                                                               \
            note('S', fd, 0, "", 0);                                                               \
        pthread_mutex_unlock(&lock);                                                               \
        return failed;                                                                             \
    }
SYNC(fsync)
SYNC(fdatasync)

int close(int fd)
{
    REAL(close)
    if (fd >= 0 && fd < FDS)
        watched[fd] = 0;
    return real(fd);
}

int unlink(const char *path)
{
    REAL(unlink)
    pthread_mutex_lock(&lock);
    int failed = real(path);
    if (!failed && is_below(path))
        note('U', -1, 0, path, strlen(path));
    pthread_mutex_unlock(&lock);
    return failed;
}

int rename(const char *before, const char *after)
{
    REAL(rename)
    pthread_mutex_lock(&lock);
    int failed = real(before, after);
    if (!failed && is_below(before)) {
        char both[8192];
        int length = snprintf(both, sizeof both, "%s\n%s", before, after);
        note('R', -1, 0, both, length);
    }
    pthread_mutex_unlock(&lock);
    return failed;
}

int connect(int fd, const struct sockaddr *address, socklen_t length)
{
    REAL(connect)
    if (fd >= 0 && fd < FDS)
        watched[fd] = 0;
    pthread_mutex_lock(&lock);
    note('C', fd, 0, "", 0);
    pthread_mutex_unlock(&lock);
    return real(fd, address, length);
}

ssize_t send(int fd, const void *data, size_t length, int flags)
{
    REAL(send)
    pthread_mutex_lock(&lock);
    ssize_t done = real(fd, data, length, flags);
    if (done > 0)
        note('N', fd, 0, data, done);
    pthread_mutex_unlock(&lock);
    return done;
}
