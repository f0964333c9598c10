#include "portal/elf.h"

#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SEGMENTS 32
#define DYNAMIC_ENTRIES 256
#define SYMBOLS 4096
#define MOST_MEMORY ((uint64_t)64 * 1024 * 1024)

#if defined(__x86_64__)
enum {
	MACHINE = EM_X86_64,
	RELOC_NONE = R_X86_64_NONE,
	RELOC_RELATIVE = R_X86_64_RELATIVE,
	RELOC_DATA = R_X86_64_GLOB_DAT,
	RELOC_JUMP = R_X86_64_JUMP_SLOT,
	RELOC_WORD = R_X86_64_64,
	RELOC_IRELATIVE = R_X86_64_IRELATIVE,
	RELOC_COPY = R_X86_64_COPY,
	RELOC_TLS_MODULE = R_X86_64_DTPMOD64,
	RELOC_TLS_OFFSET = R_X86_64_DTPOFF64,
	RELOC_TLS_FROM_THREAD = R_X86_64_TPOFF64,
	RELOC_TLS_DESCRIBED = R_X86_64_TLSDESC
};
#elif defined(__aarch64__)
enum {
	MACHINE = EM_AARCH64,
	RELOC_NONE = R_AARCH64_NONE,
	RELOC_RELATIVE = R_AARCH64_RELATIVE,
	RELOC_DATA = R_AARCH64_GLOB_DAT,
	RELOC_JUMP = R_AARCH64_JUMP_SLOT,
	RELOC_WORD = R_AARCH64_ABS64,
	RELOC_IRELATIVE = R_AARCH64_IRELATIVE,
	RELOC_COPY = R_AARCH64_COPY,
	RELOC_TLS_MODULE = R_AARCH64_TLS_DTPMOD,
	RELOC_TLS_OFFSET = R_AARCH64_TLS_DTPREL,
	RELOC_TLS_FROM_THREAD = R_AARCH64_TLS_TPREL,
	RELOC_TLS_DESCRIBED = R_AARCH64_TLSDESC
};
#else
#error "name this machine's relocations here"
#endif

struct object {
	const unsigned char *bytes;
	size_t n, page;
	Elf64_Phdr segments[SEGMENTS];
	size_t n_segments;
	const Elf64_Phdr *dynamic, *relro, *stack;
	uint64_t strings, strings_bytes, symbols;
	uint64_t hash, gnu_hash;
	uint64_t rela, rela_bytes, jump, jump_bytes, jump_kind;
	uint32_t n_symbols, n_exported;
	const char *symbol;
	struct failure *why;
	struct failure *found; /* by aspect, where all are wanted; NULL */
};

/* False ends the proof. Where all is wanted, it goes on after what leaves the rest readable. */
static bool refuse_name(
    struct object *o, enum elf_aspect aspect, const char *format, const char *name)
{
	struct failure why = { 0 };

	snprintf(why.text, sizeof why.text, format, name, o->symbol);
	failure_set(o->found ? &o->found[aspect] : o->why, FAILURE_CONFIG, "%s", why.text);
	return o->found && aspect != ELF_SHAPE;
}

static bool refuse(struct object *o, enum elf_aspect aspect, const char *sentence)
{
	return refuse_name(o, aspect, "%s", sentence);
}

static bool is_odd(struct object *o, const char *sentence)
{
	return refuse(o, ELF_SHAPE, sentence);
}

/* Copies from a place in the file. */
static bool file_at(const struct object *o, uint64_t offset, void *to, size_t bytes)
{
	if (offset > o->n || bytes > o->n - offset)
		return false;
	memcpy(to, o->bytes + offset, bytes);
	return true;
}

/* Copies from an address as the linker will see it: through the LOAD segments,
 * whatever other headers say about places in the file. */
static bool memory_at(const struct object *o, uint64_t address, void *to, size_t bytes)
{
	for (size_t i = 0; i < o->n_segments; i++) {
		const Elf64_Phdr *s = &o->segments[i];

		if (s->p_type == PT_LOAD && address >= s->p_vaddr &&
		    address - s->p_vaddr <= s->p_filesz &&
		    bytes <= s->p_filesz - (address - s->p_vaddr))
			return file_at(o, s->p_offset + (address - s->p_vaddr), to, bytes);
	}
	return false;
}

static bool is_writable_at(const struct object *o, uint64_t address, size_t bytes)
{
	for (size_t i = 0; i < o->n_segments; i++) {
		const Elf64_Phdr *s = &o->segments[i];

		if (s->p_type == PT_LOAD && (s->p_flags & PF_W) && address >= s->p_vaddr &&
		    address - s->p_vaddr <= s->p_memsz &&
		    bytes <= s->p_memsz - (address - s->p_vaddr))
			return true;
	}
	return false;
}

/* ---- headers ------------------------------------------------------------------------ */

static const char *machine_name(unsigned machine)
{
	static const struct {
		unsigned number;
		const char *name;
	} all[] = { { EM_X86_64, "x86-64" }, { EM_AARCH64, "64-bit ARM" }, { EM_386, "32-bit x86" },
		{ EM_ARM, "32-bit ARM" }, { EM_RISCV, "RISC-V" }, { EM_PPC64, "POWER" },
		{ EM_S390, "IBM Z" } };

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i].number == machine)
			return all[i].name;
	return "another kind of machine";
}

/* The machine stands at the same place in files of every kind. */
static bool check_machine(struct object *o, const Elf64_Ehdr *h)
{
	bool is_big = h->e_ident[EI_DATA] == ELFDATA2MSB;
	unsigned machine = is_big ? __builtin_bswap16(h->e_machine) : h->e_machine;
	char text[160];

	if (machine == MACHINE && h->e_ident[EI_CLASS] == ELFCLASS64 && !is_big)
		return true;
	snprintf(text, sizeof text, "%s%s; build it for this machine, %s",
	    machine_name(machine == MACHINE ? EM_NONE : machine),
	    machine == MACHINE ? " (another word size or byte order)" : "", machine_name(MACHINE));
	return refuse_name(o, ELF_SHAPE, "it is built for %s", text);
}

static bool read_header(struct object *o, Elf64_Ehdr *h)
{
	size_t there = o->n < sizeof *h ? o->n : sizeof *h;

	*h = (Elf64_Ehdr){ 0 };
	file_at(o, 0, h, there);
	if (!o->n)
		return is_odd(o, "it is empty; copy or build it again");
	if (memcmp(h->e_ident, ELFMAG, there < SELFMAG ? there : SELFMAG) != 0)
		return is_odd(o,
		    "it is not an ELF file; a plugin is a shared object that add_portal_plugin() "
		    "builds");
	if (there >= offsetof(Elf64_Ehdr, e_version) && !check_machine(o, h))
		return false;
	if (there < sizeof *h)
		return is_odd(o, "it is cut off in its header; copy or build it again");
	if (h->e_ident[EI_VERSION] != EV_CURRENT ||
	    (h->e_ident[EI_OSABI] != ELFOSABI_NONE && h->e_ident[EI_OSABI] != ELFOSABI_GNU))
		return is_odd(o, "it is built for another operating system; build it for Linux");
	if (h->e_type != ET_DYN)
		return is_odd(o, "it is not a shared object; build it with add_portal_plugin()");
	if (h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phnum == 0 || h->e_phnum > SEGMENTS)
		return is_odd(o, "its table of segments is malformed");
	return true;
}

static bool read_segments(struct object *o)
{
	Elf64_Ehdr h;

	if (!read_header(o, &h))
		return false;
	for (size_t i = 0; i < h.e_phnum; i++)
		if (h.e_phoff > o->n ||
		    !file_at(
			o, h.e_phoff + i * sizeof(Elf64_Phdr), &o->segments[i], sizeof(Elf64_Phdr)))
			return is_odd(
			    o, "it is cut off in its table of segments; copy or build it again");
	o->n_segments = h.e_phnum;
	return true;
}

static bool check_load(struct object *o, const Elf64_Phdr *s, uint64_t *end)
{
	uint64_t page = o->page;

	if (s->p_offset > o->n || s->p_filesz > o->n - s->p_offset)
		return is_odd(
		    o, "it is cut off: a segment lies beyond its end; copy or build it again");
	if (s->p_filesz > s->p_memsz || s->p_memsz > MOST_MEMORY || s->p_vaddr > MOST_MEMORY)
		return is_odd(o, "a segment has an impossible size");
	if (s->p_vaddr % page != s->p_offset % page)
		return is_odd(o, "a segment is not aligned to pages");
	if ((s->p_flags & PF_W) && (s->p_flags & PF_X))
		return refuse(o, ELF_WRITABLE, "a segment is writable and executable at once");
	/* Two segments in one page: the later would replace what we read. */
	if (s->p_vaddr / page * page < *end)
		return is_odd(o, "its segments overlap or are out of order");
	*end = (s->p_vaddr + s->p_memsz + page - 1) / page * page;
	return true;
}

static bool note_segment(struct object *o, const Elf64_Phdr *s, uint64_t *end)
{
	const Elf64_Phdr **single = NULL;

	switch (s->p_type) {
	case PT_LOAD: return check_load(o, s, end);
	case PT_TLS:
		return refuse(
		    o, ELF_WRITABLE, "it has thread-local variables; a plugin keeps none");
	case PT_INTERP: return is_odd(o, "it names an interpreter: it is a program");
	case PT_DYNAMIC: single = &o->dynamic; break;
	case PT_GNU_RELRO: single = &o->relro; break;
	case PT_GNU_STACK: single = &o->stack; break;
	case PT_NULL:
	case PT_NOTE:
	case PT_PHDR:
	case PT_GNU_EH_FRAME:
	case PT_GNU_PROPERTY: return true;
	default: return is_odd(o, "it has a segment of unknown kind");
	}
	if (*single)
		return is_odd(o, "it has a segment twice that may be there once");
	*single = s;
	return true;
}

/* The dynamic linker protects whole pages, so the end is rounded down. */
static bool check_writable(struct object *o, const Elf64_Phdr *s)
{
	uint64_t begin, end;

	if (s->p_type != PT_LOAD || !(s->p_flags & PF_W))
		return true;
	begin = o->relro ? o->relro->p_vaddr : 0;
	end = o->relro && o->relro->p_memsz <= MOST_MEMORY && begin <= MOST_MEMORY
	    ? (begin + o->relro->p_memsz) / o->page * o->page
	    : 0;
	if (s->p_vaddr < begin || s->p_vaddr + s->p_memsz > end)
		return refuse(o, ELF_WRITABLE,
		    "it has writable data; a plugin keeps no variables (link it with "
		    "add_portal_plugin())");
	return true;
}

static bool check_segments(struct object *o)
{
	uint64_t end = 0;

	for (size_t i = 0; i < o->n_segments; i++)
		if (!note_segment(o, &o->segments[i], &end))
			return false;
	for (size_t i = 0; i < o->n_segments; i++)
		if (!check_writable(o, &o->segments[i]))
			return false;
	if (!o->dynamic)
		return is_odd(o, "it has no dynamic section");
	if (!o->stack || (o->stack->p_flags & PF_X))
		return refuse(o, ELF_WRITABLE, "it asks for an executable stack");
	return true;
}

/* ---- the dynamic section --------------------------------------------------------------- */

static const struct {
	int64_t tag;
	enum elf_aspect aspect;
	const char *sentence;
} forbidden[] = {
	{ DT_NEEDED, ELF_IMPORTS,
	    "it needs another library; a plugin needs none (link it with -nostdlib)" },
	{ DT_INIT, ELF_CONSTRUCTOR,
	    "it has a constructor (INIT); nothing of a plugin may run when it is loaded" },
	{ DT_INIT_ARRAY, ELF_CONSTRUCTOR,
	    "it has a constructor (INIT_ARRAY); nothing of a plugin may run when it is loaded" },
	{ DT_PREINIT_ARRAY, ELF_CONSTRUCTOR,
	    "it has a constructor (PREINIT_ARRAY); nothing of a plugin may run when it is loaded" },
	{ DT_FINI, ELF_CONSTRUCTOR, "it has a destructor (FINI)" },
	{ DT_FINI_ARRAY, ELF_CONSTRUCTOR, "it has a destructor (FINI_ARRAY)" },
	{ DT_TEXTREL, ELF_WRITABLE, "it changes its own code when it is loaded (TEXTREL)" },
	{ DT_RPATH, ELF_IMPORTS, "it names folders to load from (RPATH)" },
	{ DT_RUNPATH, ELF_IMPORTS, "it names folders to load from (RUNPATH)" },
	{ DT_VERNEED, ELF_IMPORTS, "it needs symbols of another library's version" },
	{ DT_VERNEEDNUM, ELF_IMPORTS, "it needs symbols of another library's version" },
	{ DT_VERSYM, ELF_IMPORTS, "it has versions of symbols" },
	{ DT_FILTER, ELF_IMPORTS, "it stands for another library (FILTER)" },
	{ DT_AUXILIARY, ELF_IMPORTS, "it stands for another library (AUXILIARY)" },
	{ DT_AUDIT, ELF_IMPORTS, "it brings an auditor (AUDIT)" },
};

static bool note_flags(struct object *o, uint64_t flags)
{
	if (flags & DF_TEXTREL)
		return refuse(
		    o, ELF_WRITABLE, "it changes its own code when it is loaded (TEXTREL)");
	if (flags & DF_STATIC_TLS)
		return refuse(
		    o, ELF_WRITABLE, "it has thread-local variables; a plugin keeps none");
	return true;
}

static bool note_dynamic(struct object *o, const Elf64_Dyn *d)
{
	uint64_t value = d->d_un.d_val;
	char kind[24];

	for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++)
		if (d->d_tag == forbidden[i].tag)
			return refuse(o, forbidden[i].aspect, forbidden[i].sentence);
	switch (d->d_tag) {
	case DT_STRTAB: o->strings = value; return true;
	case DT_STRSZ: o->strings_bytes = value; return true;
	case DT_SYMTAB: o->symbols = value; return true;
	case DT_HASH: o->hash = value; return true;
	case DT_GNU_HASH: o->gnu_hash = value; return true;
	case DT_RELA: o->rela = value; return true;
	case DT_RELASZ: o->rela_bytes = value; return true;
	case DT_JMPREL: o->jump = value; return true;
	case DT_PLTRELSZ: o->jump_bytes = value; return true;
	case DT_PLTREL: o->jump_kind = value; return true;
	case DT_FLAGS: return note_flags(o, value);
	case DT_SYMENT:
		return value == sizeof(Elf64_Sym) || is_odd(o, "its symbols have an unknown size");
	case DT_RELAENT:
		return value == sizeof(Elf64_Rela) ||
		    is_odd(o, "its relocations have an unknown size");
	case DT_RELACOUNT:
	case DT_PLTGOT:
	case DT_FLAGS_1:
	case DT_BIND_NOW:
	case DT_SONAME:
	case DT_SYMBOLIC:
	case DT_DEBUG:
	case DT_INIT_ARRAYSZ: /* the arrays themselves are refused */
	case DT_PREINIT_ARRAYSZ:
	case DT_FINI_ARRAYSZ: return true;
	default: break;
	}
	snprintf(kind, sizeof kind, "0x%llx", (unsigned long long)d->d_tag);
	return refuse_name(
	    o, ELF_SHAPE, "its dynamic section has an entry of unknown kind (%s)", kind);
}

static bool check_dynamic(struct object *o)
{
	Elf64_Dyn d;

	for (uint64_t i = 0; i < DYNAMIC_ENTRIES; i++) {
		if (!memory_at(o, o->dynamic->p_vaddr + i * sizeof d, &d, sizeof d))
			return is_odd(o, "it is cut off in its dynamic section");
		if (d.d_tag == DT_NULL)
			return true;
		if (!note_dynamic(o, &d))
			return false;
	}
	return is_odd(o, "its dynamic section has no end");
}

/* ---- symbols ------------------------------------------------------------------------------ */

static bool count_by_hash(struct object *o)
{
	uint32_t words[2];

	if (!memory_at(o, o->hash, words, sizeof words))
		return is_odd(o, "its hash table is malformed");
	o->n_symbols = words[1];
	return true;
}

/* The table ends with the chain of the last bucket. */
static bool count_by_gnu_hash(struct object *o)
{
	uint32_t head[4], bucket, last = 0, link = 0;
	uint64_t buckets, chains;

	if (!memory_at(o, o->gnu_hash, head, sizeof head) || head[0] > SYMBOLS || head[2] > SYMBOLS)
		return is_odd(o, "its hash table is malformed");
	buckets = o->gnu_hash + sizeof head + (uint64_t)head[2] * 8;
	chains = buckets + (uint64_t)head[0] * 4;
	for (uint32_t i = 0; i < head[0]; i++) {
		if (!memory_at(o, buckets + (uint64_t)i * 4, &bucket, 4))
			return is_odd(o, "its hash table is malformed");
		last = bucket > last ? bucket : last;
	}
	o->n_symbols = head[1];
	if (last < head[1])
		return true;
	for (; last < SYMBOLS && !(link & 1); last++)
		if (!memory_at(o, chains + (uint64_t)(last - head[1]) * 4, &link, 4))
			return is_odd(o, "its hash table is malformed");
	o->n_symbols = last;
	return true;
}

static bool symbol_name(const struct object *o, const Elf64_Sym *s, char name[64])
{
	for (size_t i = 0; i < 64; i++) {
		if (s->st_name + i >= o->strings_bytes ||
		    !memory_at(o, o->strings + s->st_name + i, &name[i], 1))
			return false;
		if (!name[i])
			return true;
	}
	name[63] = 0; /* longer than any that is allowed */
	return true;
}

static bool check_import(struct object *o, const char *name)
{
	static const char *const allowed[] = { "memcpy", "memmove", "memset", "memcmp" };

	for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
		if (strcmp(name, allowed[i]) == 0)
			return true;
	return refuse_name(
	    o, ELF_IMPORTS, "it imports '%s'; a plugin calls nothing but its host", name);
}

/* "caseroute_portal_2" where "caseroute_portal_1" is wanted. */
static bool is_newer(const char *name, const char *wanted)
{
	size_t n = strlen(wanted) - 1;

	return strncmp(name, wanted, n) == 0 && name[n] > wanted[n] && name[n] <= '9' &&
	    !name[n + 1];
}

static bool check_export(struct object *o, const Elf64_Sym *s, const char *name)
{
	unsigned char first;

	if (is_newer(name, o->symbol))
		return refuse_name(o, ELF_SYMBOL,
		    "it is for a later plugin ABI (it exports '%s'); use a newer caseroute", name);
	if (strcmp(name, o->symbol) != 0)
		return refuse_name(
		    o, ELF_SYMBOL, "it exports '%s'; a plugin exports %s alone", name);
	if (ELF64_ST_TYPE(s->st_info) != STT_OBJECT || s->st_size < 4 ||
	    !memory_at(o, s->st_value, &first, 1))
		return refuse_name(o, ELF_SYMBOL, "its %s is not constant data", name);
	o->n_exported++;
	return true;
}

static bool check_symbol(struct object *o, uint32_t index)
{
	Elf64_Sym s;
	char name[64];

	if (!memory_at(o, o->symbols + (uint64_t)index * sizeof s, &s, sizeof s) ||
	    !symbol_name(o, &s, name))
		return is_odd(o, "its symbol table is malformed");
	if (ELF64_ST_TYPE(s.st_info) == STT_GNU_IFUNC)
		return refuse(o, ELF_CONSTRUCTOR,
		    "it has an indirect function, which would run when it is loaded");
	if (ELF64_ST_TYPE(s.st_info) == STT_TLS)
		return refuse(
		    o, ELF_WRITABLE, "it has thread-local variables; a plugin keeps none");
	if (ELF64_ST_BIND(s.st_info) == STB_LOCAL)
		return true;
	return s.st_shndx == SHN_UNDEF ? check_import(o, name) : check_export(o, &s, name);
}

static bool check_symbols(struct object *o)
{
	if (!o->hash && !o->gnu_hash)
		return is_odd(o, "it has no hash table of symbols");
	if (!(o->gnu_hash ? count_by_gnu_hash(o) : count_by_hash(o)))
		return false;
	if (o->n_symbols > SYMBOLS)
		return is_odd(o, "it has too many symbols");
	for (uint32_t i = 1; i < o->n_symbols; i++)
		if (!check_symbol(o, i))
			return false;
	if (o->n_exported == 1)
		return true;
	return refuse_name(
	    o, ELF_SYMBOL, "it does not export %s (see PORTAL_PLUGIN in portal.h)", o->symbol);
}

/* ---- relocations ----------------------------------------------------------------------------- */

static bool check_relocation(struct object *o, const Elf64_Rela *r)
{
	switch (ELF64_R_TYPE(r->r_info)) {
	case RELOC_NONE: return true;
	case RELOC_RELATIVE:
	case RELOC_DATA:
	case RELOC_JUMP:
	case RELOC_WORD: break;
	case RELOC_IRELATIVE:
		return refuse(o, ELF_CONSTRUCTOR,
		    "it has an indirect function, which would run when it is loaded");
	case RELOC_TLS_MODULE:
	case RELOC_TLS_OFFSET:
	case RELOC_TLS_FROM_THREAD:
	case RELOC_TLS_DESCRIBED:
		return refuse(
		    o, ELF_WRITABLE, "it has thread-local variables; a plugin keeps none");
	case RELOC_COPY: return refuse(o, ELF_IMPORTS, "it copies another library's data");
	default: return is_odd(o, "it has a relocation of unknown kind");
	}
	if (ELF64_R_SYM(r->r_info) >= (o->n_symbols ? o->n_symbols : 1))
		return is_odd(o, "a relocation names no symbol");
	if (!is_writable_at(o, r->r_offset, 8))
		return refuse(
		    o, ELF_WRITABLE, "it changes its own code when it is loaded (text relocation)");
	return true;
}

static bool check_relocations(struct object *o, uint64_t at, uint64_t bytes)
{
	Elf64_Rela r;

	if (bytes % sizeof r || bytes > o->n)
		return is_odd(o, "its table of relocations is malformed");
	for (uint64_t done = 0; done < bytes; done += sizeof r) {
		if (!memory_at(o, at + done, &r, sizeof r))
			return is_odd(o, "it is cut off in its relocations");
		if (!check_relocation(o, &r))
			return false;
	}
	return true;
}

static bool prove(struct object *o)
{
	if (!read_segments(o) || !check_segments(o) || !check_dynamic(o) || !check_symbols(o))
		return false;
	if (o->jump && o->jump_kind != DT_RELA)
		return is_odd(o, "its table of relocations is malformed");
	return check_relocations(o, o->rela, o->rela_bytes) &&
	    check_relocations(o, o->jump, o->jump_bytes);
}

bool elf_prove(
    const unsigned char *bytes, size_t n, const char *symbol, size_t page, struct failure *why)
{
	struct object o = { .bytes = bytes, .n = n, .page = page, .symbol = symbol, .why = why };

	return prove(&o);
}

void elf_examine(const unsigned char *bytes, size_t n, const char *symbol, size_t page,
    struct failure found[ELF_ASPECTS])
{
	struct object o = {
		.bytes = bytes, .n = n, .page = page, .symbol = symbol, .found = found
	};

	prove(&o);
}
