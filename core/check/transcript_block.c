/* Reading a transcript into its marks, and a mark into its words. */
#include "check/transcript_inside.h"

#include <string.h>

static struct block *add_block(struct play *p, char mark, unsigned line, struct text head)
{
	p->blocks = memory_grow(p->blocks, p->n, &p->capacity, sizeof *p->blocks);
	p->blocks[p->n] = (struct block){ .mark = mark, .line = line, .head = head };
	return &p->blocks[p->n++];
}

static void take_line(struct play *p, unsigned number, struct text line)
{
	struct block *last = p->n ? &p->blocks[p->n - 1] : NULL;
	bool is_marked = line.n >= 2 && line.p[1] == ' ' && strchr("#@><?!=", line.p[0]);
	struct text head = is_marked ? text_trim((struct text){ line.p + 2, line.n - 2 }) : line;

	if (is_marked && line.p[0] == '#')
		return;
	if (is_marked && last && last->mark == line.p[0] && strchr("><", last->mark) &&
	    !last->body.n) {
		last->more =
		    memory_grow(last->more, last->n_more, &last->more_capacity, sizeof *last->more);
		last->more[last->n_more++] = head;
	} else if (is_marked) {
		add_block(p, line.p[0], number, head);
	} else if (last && (last->body.n || text_trim(line).n)) {
		buffer_append(&last->body, line.p, line.n);
		buffer_char(&last->body, '\n');
	}
}

void play_read(struct play *p, struct text rest)
{
	for (unsigned number = 1; rest.n; number++) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t n = end ? (size_t)(end - rest.p) : rest.n;

		take_line(p, number, (struct text){ rest.p, n });
		n += end != NULL;
		rest = (struct text){ rest.p + n, rest.n - n };
	}
	for (size_t i = 0; i < p->n; i++) { /* blank lines before the next mark are no body */
		struct buffer *body = &p->blocks[i].body;

		while (body->n && strchr(" \n\r\t", body->p[body->n - 1]))
			body->p[--body->n] = 0;
	}
}

struct text play_word(struct text *rest)
{
	struct text word;

	*rest = text_trim(*rest);
	word = (struct text){ rest->p, 0 };
	while (word.n < rest->n && rest->p[word.n] != ' ')
		word.n++;
	*rest = text_trim((struct text){ rest->p + word.n, rest->n - word.n });
	return word;
}
