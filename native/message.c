/*
 * Messages: recvfrom(2), sendto(2), recvmsg(2), sendmsg(2), recvmmsg(2), sendmmsg(2). A struct msghdr is put
 * together here, from buffers that were checked one by one and lengths that were copied first; what the
 * kernel writes into it is given to the caller's lengths afterwards.
 */
#include "arguments.h"
#include "calls.h"
#include "raw-syscall.h"
#include "vector.h"

struct msghdr {
  void *name;
  uint32_t namelen;
  struct iovec *iov;
  size_t iovlen;
  void *control;
  size_t controllen;
  uint32_t flags;
};

struct mmsghdr {
  struct msghdr hdr;
  uint32_t len;
};

CALL(recvfrom) {
  BEGIN("recvfrom");
  int32_t fd, flags;
  struct bytes buf, addr;
  size_t size;
  struct socklen addrlen;
  struct address_room room;
  if (!take_int(&call, 0, "sockfd", &fd) || !take_bytes(&call, 1, "buf", &buf) ||
      !take_count(&call, 2, "size", &buf, 0, &size) || !take_int(&call, 3, "flags", &flags) ||
      !take_address_room(&call, 4, &addr, &addrlen, &room))
    return NULL;
  long result = RAW6(__NR_recvfrom, fd, buf.data, size, flags, addr.data, addrlen.pointer);
  return call_result_socklen(&call, result, &addrlen);
}

CALL(sendto) {
  BEGIN("sendto");
  int32_t fd, flags, addrlen;
  struct bytes buf, addr;
  size_t size;
  if (!take_int(&call, 0, "sockfd", &fd) || !take_bytes(&call, 1, "buf", &buf) ||
      !take_count(&call, 2, "size", &buf, 0, &size) || !take_int(&call, 3, "flags", &flags) ||
      !take_bytes(&call, 4, "addr", &addr) || !take_socklen(&call, 5, "addrlen", &addr, &addrlen))
    return NULL;
  return call_result(&call, RAW6(__NR_sendto, fd, buf.data, size, flags, addr.data, addrlen));
}

/*
 * Control messages to be sent are copied and looked at: those of RDS are the ones that hold addresses. The
 * kernel takes no more than net.core.optmem_max, which is about as much.
 */
#define CONTROL_ROOM 16384
#define CMSG_HEADER 16
#define LEVEL_RDS 276

struct room {
  size_t used;
  uint8_t bytes[CONTROL_ROOM] __attribute__((aligned(8)));
};

static bool copy_control(const struct call *call, struct room *room, struct msghdr *hdr) {
  if (hdr->control == NULL || hdr->controllen == 0) return true;
  if (hdr->controllen > CONTROL_ROOM - room->used)
    return throw_range(call, "control", "at most 16384 bytes long");
  uint8_t *copied = room->bytes + room->used;
  copy_bytes(copied, hdr->control, hdr->controllen);
  for (size_t at = 0; hdr->controllen - at >= CMSG_HEADER;) {
    uint64_t length = *(uint64_t *)(copied + at);
    if (*(int32_t *)(copied + at + 8) == LEVEL_RDS)
      return throw_range(call, "control", "free of messages that hold addresses");
    if (length < CMSG_HEADER || length > hdr->controllen - at) break; /* EINVAL */
    at += (length + 7) / 8 * 8;
    if (at > hdr->controllen) break;
  }
  hdr->control = copied;
  room->used += (hdr->controllen + 7) / 8 * 8;
  return true;
}

enum { NAMELEN, CONTROLLEN, FLAGS, LENGTHS };

/* (sockfd, name, iov, control, lengths, flags) of recvmsg and sendmsg. */
struct message {
  int32_t fd, flags;
  uint32_t *lengths;
  struct msghdr hdr;
  struct vector vector;
};

static bool take_message(const struct call *call, struct message *out) {
  struct bytes name, control, lengths;
  if (!take_int(call, 0, "sockfd", &out->fd) || !take_int(call, 5, "flags", &out->flags) ||
      !take_elements(call, 2, "iov", &out->vector) || !take_bytes(call, 1, "name", &name) ||
      !take_vector(call, "iov", &out->vector) || !take_bytes(call, 3, "control", &control) ||
      !take_words(call, 4, "lengths", LENGTHS, &lengths))
    return false;
  out->lengths = (uint32_t *)lengths.data;
  if (out->lengths == NULL) return throw_type(call, "lengths", "a Uint32Array");
  const volatile uint32_t *words = out->lengths;
  out->hdr = (struct msghdr){
      .name = name.data,
      .namelen = words[NAMELEN],
      .iov = out->vector.iov,
      .iovlen = out->vector.count,
      .control = control.data,
      .controllen = words[CONTROLLEN],
      .flags = words[FLAGS],
  };
  /* A negative length of a name is refused by the kernel, which clips one that is too large. */
  if (name.data != NULL && out->hdr.namelen <= INT32_MAX && out->hdr.namelen > name.length)
    return throw_range(call, "lengths", "no larger than name and control");
  if (control.data != NULL && out->hdr.controllen > control.length)
    return throw_range(call, "lengths", "no larger than name and control");
  return true;
}

CALL(recvmsg) {
  BEGIN("recvmsg");
  struct message message;
  if (!take_message(&call, &message)) return NULL;
  const struct msghdr *hdr = &message.hdr;
  long result = RAW(__NR_recvmsg, message.fd, hdr, message.flags, 0, 0);
  message.lengths[NAMELEN] = hdr->namelen;
  message.lengths[CONTROLLEN] = (uint32_t)hdr->controllen;
  message.lengths[FLAGS] = hdr->flags;
  return call_result(&call, result);
}

CALL(sendmsg) {
  BEGIN("sendmsg");
  struct message message;
  struct room room;
  room.used = 0;
  if (!take_message(&call, &message) || !copy_control(&call, &room, &message.hdr)) return NULL;
  return call_result(&call, RAW(__NR_sendmsg, message.fd, &message.hdr, message.flags, 0, 0));
}

/*
 * recvmmsg and sendmmsg: `memory` holds everything that the messages point to, and `msgvec` has a record of
 * words for each, in which an address is an offset into memory.
 */
enum { DATA, DATA_LENGTH, NAME, NAME_LENGTH, CONTROL, CONTROL_LENGTH, MSG_FLAGS, MSG_LENGTH, RECORD };

#define MAX_MESSAGES 1024 /* UIO_MAXIOV: the kernel takes no more in one call */

struct messages {
  int32_t fd, flags;
  uint32_t vlen;
  uint32_t *words;
  struct iovec iov[MAX_MESSAGES];
  struct mmsghdr headers[MAX_MESSAGES];
};

static bool is_within(const struct bytes *memory, uint32_t offset, uint32_t length) {
  return offset <= memory->length && length <= memory->length - offset;
}

static bool take_record(const struct bytes *memory, const volatile uint32_t *words,
                        struct iovec *iov, struct mmsghdr *out) {
  uint32_t record[RECORD];
  for (size_t i = 0; i < RECORD; i++) record[i] = words[i];
  /* As in take_message: a negative length of a name is refused by the kernel. */
  uint32_t name_length = record[NAME_LENGTH] > INT32_MAX ? 0 : record[NAME_LENGTH];
  if (!is_within(memory, record[DATA], record[DATA_LENGTH]) ||
      !is_within(memory, record[NAME], name_length) ||
      !is_within(memory, record[CONTROL], record[CONTROL_LENGTH]))
    return false;
  *iov = (struct iovec){memory->data + record[DATA], record[DATA_LENGTH]};
  out->hdr = (struct msghdr){
      .name = record[NAME_LENGTH] == 0 ? NULL : memory->data + record[NAME],
      .namelen = record[NAME_LENGTH],
      .iov = iov,
      .iovlen = 1,
      .control = record[CONTROL_LENGTH] == 0 ? NULL : memory->data + record[CONTROL],
      .controllen = record[CONTROL_LENGTH],
      .flags = record[MSG_FLAGS],
  };
  out->len = record[MSG_LENGTH];
  return true;
}

static bool take_messages(const struct call *call, struct messages *out) {
  struct bytes memory, msgvec;
  int32_t vlen;
  if (!take_int(call, 0, "sockfd", &out->fd) || !take_int(call, 3, "vlen", &vlen) ||
      !take_int(call, 4, "flags", &out->flags) || !take_bytes(call, 1, "memory", &memory) ||
      !take_words(call, 2, "msgvec", (size_t)(uint32_t)vlen * RECORD, &msgvec))
    return false;
  if (msgvec.data == NULL && vlen != 0) return throw_type(call, "msgvec", "a Uint32Array");
  out->vlen = (uint32_t)vlen > MAX_MESSAGES ? MAX_MESSAGES : (uint32_t)vlen;
  out->words = (uint32_t *)msgvec.data;
  for (uint32_t i = 0; i < out->vlen; i++)
    if (!take_record(&memory, out->words + i * RECORD, &out->iov[i], &out->headers[i]))
      return throw_range(call, "msgvec", "of offsets and lengths within memory");
  return true;
}

/* What the kernel has written for the first `count` messages. */
static void give_messages(const struct messages *messages, long count) {
  for (long i = 0; i < count; i++) {
    const struct mmsghdr *header = &messages->headers[i];
    uint32_t *record = messages->words + i * RECORD;
    record[NAME_LENGTH] = header->hdr.namelen;
    record[CONTROL_LENGTH] = (uint32_t)header->hdr.controllen;
    record[MSG_FLAGS] = header->hdr.flags;
    record[MSG_LENGTH] = header->len;
  }
}

CALL(recvmmsg) {
  BEGIN("recvmmsg");
  struct messages messages;
  struct bytes timeout;
  if (!take_time(&call, 5, "timeout", &timeout) || !take_messages(&call, &messages)) return NULL;
  long count = RAW(__NR_recvmmsg, messages.fd, messages.headers, messages.vlen, messages.flags,
                   timeout.data);
  give_messages(&messages, count);
  return call_result(&call, count);
}

CALL(sendmmsg) {
  BEGIN("sendmmsg");
  struct messages messages;
  struct room room;
  room.used = 0;
  if (!take_messages(&call, &messages)) return NULL;
  for (uint32_t i = 0; i < messages.vlen; i++)
    if (!copy_control(&call, &room, &messages.headers[i].hdr)) return NULL;
  long count = RAW(__NR_sendmmsg, messages.fd, messages.headers, messages.vlen, messages.flags, 0);
  for (long i = 0; i < count; i++)
    messages.words[i * RECORD + MSG_LENGTH] = messages.headers[i].len;
  return call_result(&call, count);
}
