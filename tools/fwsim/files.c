/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fwsim/files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/fwsim/serve.h"

/* Inode numbers: 1 the root, 2 the control file, then three for each device. */
#define INODE_CONTROL 2u
#define INODE_FIRST   3u
enum file {
	FILE_FWCTL,
	FILE_MEM,
	FILE_RESET,
	FILES_EACH,
};

static struct fwsim_mount *mount_of(fuse_req_t request)
{
	return fuse_req_userdata(request);
}

/* The device and which of its files; NULL for the others. */
static struct fwsim_served *served_of(struct fwsim_mount *mount, fuse_ino_t inode,
				      enum file *ret_file)
{
	size_t index;

	if (inode < INODE_FIRST)
		return NULL;
	index = (inode - INODE_FIRST) / FILES_EACH;
	*ret_file = (enum file)((inode - INODE_FIRST) % FILES_EACH);
	return index < mount->count ? &mount->served[index] : NULL;
}

static void name_of(const struct fwsim_device *device, enum file file, char *buffer,
		    size_t size)
{
	switch (file) {
	case FILE_MEM:
		snprintf(buffer, size, "mem%u", device->number);
		break;
	case FILE_RESET:
		snprintf(buffer, size, "fwctl%u.reset", device->number);
		break;
	default:
		snprintf(buffer, size, "fwctl%u", device->number);
		break;
	}
}

static bool is_gone(struct fwsim_served *served)
{
	bool gone;

	pthread_mutex_lock(&served->lock);
	fwsim_device_settle(served->device, fwsim_now());
	gone = served->device->gone;
	pthread_mutex_unlock(&served->lock);
	return gone;
}

static bool attributes(struct fwsim_mount *mount, fuse_ino_t inode,
		       struct stat *ret_status)
{
	struct fwsim_served *served;
	enum file file;

	memset(ret_status, 0, sizeof(*ret_status));
	ret_status->st_ino = inode;
	ret_status->st_nlink = 1;
	ret_status->st_mtim = ret_status->st_atim = ret_status->st_ctim = mount->started;
	if (inode == FUSE_ROOT_ID) {
		ret_status->st_mode = S_IFDIR | 0755;
		ret_status->st_nlink = 2;
		return true;
	}
	if (inode == INODE_CONTROL) {
		ret_status->st_mode = S_IFREG | 0200;
		return true;
	}
	served = served_of(mount, inode, &file);
	if (!served)
		return false;
	ret_status->st_mode =
		S_IFREG | (file == FILE_RESET ? 0444 : served->device->mode);
	return true;
}

static void do_lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct fwsim_mount *mount = mount_of(request);
	struct fuse_entry_param entry = {0};
	char candidate[32];
	size_t i, f;

	if (parent == FUSE_ROOT_ID && strcmp(name, FWSIM_CONTROL_NAME) == 0)
		entry.ino = INODE_CONTROL;
	for (i = 0; parent == FUSE_ROOT_ID && i < mount->count && !entry.ino; i++) {
		for (f = 0; f < FILES_EACH; f++) {
			name_of(mount->served[i].device, (enum file)f, candidate,
				sizeof(candidate));
			if (strcmp(candidate, name) == 0 && !is_gone(&mount->served[i]))
				entry.ino = INODE_FIRST + i * FILES_EACH + f;
		}
	}
	if (!entry.ino) {
		fuse_reply_err(request, ENOENT);
		return;
	}
	attributes(mount, entry.ino, &entry.attr);
	entry.attr_timeout = 1.0;
	entry.entry_timeout = 0.0; /* devices can go */
	fuse_reply_entry(request, &entry);
}

static void do_getattr(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
	struct stat status;

	(void)info;
	if (attributes(mount_of(request), inode, &status))
		fuse_reply_attr(request, &status, 1.0);
	else
		fuse_reply_err(request, ENOENT);
}

/* A shell's redirection truncates the control file first, which means nothing. */
static void do_setattr(fuse_req_t request, fuse_ino_t inode, struct stat *status,
		       int what, struct fuse_file_info *info)
{
	(void)status;
	if (inode != INODE_CONTROL ||
	    (what & ~(FUSE_SET_ATTR_SIZE | FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_CTIME |
		      FUSE_SET_ATTR_MTIME_NOW)))
		fuse_reply_err(request, EPERM);
	else
		do_getattr(request, inode, info);
}

struct listing {
	fuse_req_t request;
	char *buffer;
	size_t capacity, size;
	off_t next; /* number of the entry to come */
};

static void list(struct listing *listing, off_t from, const char *name, fuse_ino_t inode,
		 mode_t type)
{
	struct stat status = {.st_ino = inode, .st_mode = type};
	size_t room = listing->capacity - listing->size, needed;

	if (listing->next++ < from)
		return;
	needed = fuse_add_direntry(listing->request, listing->buffer + listing->size,
				   room, name, &status, listing->next);
	if (needed <= room)
		listing->size += needed;
	else
		listing->capacity = listing->size; /* full: nothing after it either */
}

static void do_readdir(fuse_req_t request, fuse_ino_t inode, size_t size, off_t from,
		       struct fuse_file_info *info)
{
	struct fwsim_mount *mount = mount_of(request);
	struct listing listing = {.request = request, .capacity = size};
	char name[32];
	size_t i, f;

	(void)info;
	if (inode != FUSE_ROOT_ID) {
		fuse_reply_err(request, ENOTDIR);
		return;
	}
	listing.buffer = malloc(size + 1);
	if (!listing.buffer) {
		fuse_reply_err(request, ENOMEM);
		return;
	}
	list(&listing, from, ".", FUSE_ROOT_ID, S_IFDIR);
	list(&listing, from, "..", FUSE_ROOT_ID, S_IFDIR);
	for (i = 0; i < mount->count; i++) {
		if (is_gone(&mount->served[i])) {
			listing.next += FILES_EACH;
			continue;
		}
		for (f = 0; f < FILES_EACH; f++) {
			name_of(mount->served[i].device, (enum file)f, name,
				sizeof(name));
			list(&listing, from, name, INODE_FIRST + i * FILES_EACH + f,
			     S_IFREG);
		}
	}
	fuse_reply_buf(request, listing.buffer, listing.size);
	free(listing.buffer);
}

static void do_open(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
	struct fwsim_served *served;
	enum file file;

	if (inode == FUSE_ROOT_ID) {
		fuse_reply_err(request, EISDIR);
		return;
	}
	served = served_of(mount_of(request), inode, &file);
	if (served && is_gone(served)) {
		fuse_reply_err(request, ENODEV);
		return;
	}
	info->direct_io = 1; /* contents that change by themselves must not be cached */
	fuse_reply_open(request, info);
}

static void do_read(fuse_req_t request, fuse_ino_t inode, size_t size, off_t from,
		    struct fuse_file_info *info)
{
	struct fwsim_served *served;
	enum file file;
	char text[64];
	size_t length;

	(void)info;
	served = served_of(mount_of(request), inode, &file);
	if (!served || file != FILE_RESET) {
		/* A character device without a read operation says this too. */
		fuse_reply_err(request, EINVAL);
		return;
	}
	pthread_mutex_lock(&served->lock);
	snprintf(text, sizeof(text), "%llu %s\n",
		 (unsigned long long)served->device->reset_count,
		 fwsim_reset_name(served->device->last_reset));
	pthread_mutex_unlock(&served->lock);
	length = strlen(text);
	if (from < 0 || (size_t)from >= length)
		fuse_reply_buf(request, NULL, 0);
	else
		fuse_reply_buf(request, text + from,
			       size < length - (size_t)from ? size
							    : length - (size_t)from);
}

static void do_write(fuse_req_t request, fuse_ino_t inode, const char *text, size_t size,
		     off_t to, struct fuse_file_info *info)
{
	int r;

	(void)to;
	(void)info;
	if (inode != INODE_CONTROL) {
		fuse_reply_err(request, EINVAL);
		return;
	}
	r = fwsim_control(mount_of(request), text, size);
	if (r < 0)
		fuse_reply_err(request, -r);
	else
		fuse_reply_write(request, size);
}

static void mem_ioctl(fuse_req_t request, struct fwsim_served *served, pid_t tid,
		      unsigned command, uint64_t argument, const void *in, size_t in_size,
		      size_t out_size)
{
	uint8_t structure[FWA_CXL_MEM_SEND_COMMAND_SIZE];
	int r;

	if (command == FWA_CXL_MEM_SEND_COMMAND && in_size == sizeof(structure) &&
	    out_size == sizeof(structure)) {
		memcpy(structure, in, sizeof(structure));
		r = fwsim_mem_send(served, tid, structure);
		if (r < 0)
			fuse_reply_err(request, -r);
		else
			fuse_reply_ioctl(request, 0, structure, sizeof(structure));
	} else if (command == FWA_CXL_MEM_QUERY_COMMANDS) {
		r = fwsim_mem_query(served, tid, argument, structure);
		if (r < 0)
			fuse_reply_err(request, -r);
		else
			fuse_reply_ioctl(request, 0, structure,
					 FWA_CXL_MEM_QUERY_HEADER_SIZE);
	} else {
		fuse_reply_err(request, ENOTTY);
	}
}

static void do_ioctl(fuse_req_t request, fuse_ino_t inode, unsigned command,
		     void *argument, struct fuse_file_info *info, unsigned flags,
		     const void *in, size_t in_size, size_t out_size)
{
	pid_t tid = fuse_req_ctx(request)->pid;
	struct fwsim_served *served;
	enum file file;
	int r;

	(void)info;
	served = served_of(mount_of(request), inode, &file);
	/* Neither driver has a 32 bit entry. */
	if (!served || file == FILE_RESET || (flags & FUSE_IOCTL_COMPAT)) {
		fuse_reply_err(request, ENOTTY);
		return;
	}
	if (file == FILE_MEM) {
		mem_ioctl(request, served, tid, command, (uintptr_t)argument, in, in_size,
			  out_size);
		return;
	}
	r = fwsim_fwctl_ioctl(served, tid, command, (uintptr_t)argument);
	if (r < 0)
		fuse_reply_err(request, -r);
	else
		fuse_reply_ioctl(request, 0, NULL, 0);
}

const struct fuse_lowlevel_ops fwsim_file_operations = {
	.lookup = do_lookup,
	.getattr = do_getattr,
	.setattr = do_setattr,
	.readdir = do_readdir,
	.open = do_open,
	.read = do_read,
	.write = do_write,
	.ioctl = do_ioctl,
};
