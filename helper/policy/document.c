/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/document.h"

#include <string.h>
#include <yaml.h>

#include "policy/names.h"
#include "policy/syntax.h"
#include "policy/text.h"

/* A list or mapping that is not closed yet. */
struct frame {
	struct node *node;
	struct node *key;   /* of a mapping: the key that waits for its value */
	struct names *keys; /* of a mapping: those that there are, to find the second of a name */
};

struct builder {
	struct arena *arena;
	struct reporter *reporter;
	const struct source *source;
	struct frame frames[DOCUMENT_DEPTH_MAX];
	unsigned int depth;
	unsigned int documents;
	struct node *root;
	struct node *latest; /* what ended last */
	bool done;
};

static struct mark
mark_of(const struct builder *builder, yaml_mark_t mark)
{
	return (struct mark){
		.source = builder->source,
		.line = (uint32_t)mark.line + 1,
		.column = (uint32_t)mark.column + 1,
	};
}

static struct node *
new_node(struct builder *builder, enum node_kind kind, yaml_mark_t mark)
{
	struct node *node = arena_new_of(builder->arena, 1, struct node);

	if (node) {
		node->kind = kind;
		node->mark = mark_of(builder, mark);
	}
	return node;
}

static void
append(struct node *parent, struct node *node)
{
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	parent->n++;
}

static int
attach_key(struct builder *builder, struct frame *frame, struct node *key)
{
	frame->key = key;
	if (key->kind == NODE_TEXT || key->kind == NODE_BAD)
		return 0;
	if (key->kind == NODE_EMPTY)
		return report_error(builder->reporter, key->mark, "nothing stands before the ':'");
	return report_error(
	    builder->reporter, key->mark, "%s cannot be a key", node_kind_name(key));
}

static int
attach_value(struct builder *builder, struct frame *frame, struct node *value)
{
	struct node *key = frame->key;
	const struct node *first;

	frame->key = NULL;
	if (key->kind != NODE_TEXT)
		return 0;
	value->key = key;
	if (value->kind == NODE_EMPTY)
		value->mark = key->mark;
	first = names_get(frame->keys, key->text);
	if (first) {
		frame->node->doubled = true;
		return report_error(builder->reporter, key->mark,
		    "'%s' stands twice in one mapping: already at %s", quote(key->text).text,
		    place(first->mark).text);
	}
	append(frame->node, value);
	return names_put(frame->keys, key->text, key);
}

/* Puts a node where it belongs: into the list or mapping that is open. */
static int
attach(struct builder *builder, struct node *node)
{
	struct frame *frame;

	if (!builder->depth) {
		builder->root = node;
		return 0;
	}
	frame = &builder->frames[builder->depth - 1];
	if (frame->node->kind == NODE_LIST) {
		append(frame->node, node);
		return 0;
	}
	return frame->key ? attach_value(builder, frame, node) : attach_key(builder, frame, node);
}

static int
refuse_tag(struct builder *builder, const struct node *node, const yaml_char_t *tag)
{
	if (!tag)
		return 0;
	return report_error(builder->reporter, node->mark,
	    "tags ('!') are not used, every value is text: if the '!' belongs to it, quote it");
}

static int
refuse_anchor(struct builder *builder, const struct node *node, const yaml_char_t *anchor)
{
	if (!anchor)
		return 0;
	return report_error(builder->reporter, node->mark,
	    "anchors ('&') are not used: give addresses a name under 'define' and rules one under "
	    "'policies'; or quote the value");
}

static int
take_alias(struct builder *builder, const yaml_event_t *event)
{
	struct node *node = new_node(builder, NODE_BAD, event->start_mark);

	if (!node)
		return -ENOMEM;
	return worse(
	    report_error(builder->reporter, node->mark,
		"aliases ('*') are not used: give addresses a name under 'define' and rules "
		"one under 'policies'; or quote the value ('any' is everything)"),
	    attach(builder, node));
}

static int
take_scalar(struct builder *builder, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t length = event->data.scalar.length;
	bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	struct node *node =
	    new_node(builder, plain && !length ? NODE_EMPTY : NODE_TEXT, event->start_mark);
	int result;

	if (!node)
		return -ENOMEM;
	result = worse(refuse_tag(builder, node, event->data.scalar.tag),
	    refuse_anchor(builder, node, event->data.scalar.anchor));
	if (!text_is_clean(text, length)) {
		result = worse(result, report_error(builder->reporter, node->mark,
					   "a control character cannot stand in a value"));
	}
	if (result)
		node->kind = NODE_BAD;
	node->plain = plain;
	node->end_line = (uint32_t)event->end_mark.line + 1;
	node->end_column = (uint32_t)event->end_mark.column + 1;
	node->text = arena_string(builder->arena, text, length);
	if (!node->text)
		return -ENOMEM;
	builder->latest = node;
	return worse(result, attach(builder, node));
}

static int
take_start(struct builder *builder, enum node_kind kind, yaml_mark_t mark, const yaml_char_t *tag,
    const yaml_char_t *anchor)
{
	struct node *node = new_node(builder, kind, mark);
	struct frame *frame;
	int result;

	if (!node)
		return -ENOMEM;
	if (builder->depth == DOCUMENT_DEPTH_MAX) {
		/* What is in there is not worth the reading. */
		builder->done = true;
		return report_error(builder->reporter, node->mark,
		    "more than %d lists and mappings within one another", DOCUMENT_DEPTH_MAX);
	}
	result = worse(refuse_tag(builder, node, tag), refuse_anchor(builder, node, anchor));
	result = worse(result, attach(builder, node));
	frame = &builder->frames[builder->depth++];
	*frame = (struct frame){ .node = node };
	if (kind == NODE_MAP) {
		frame->keys = names_new(builder->arena);
		if (!frame->keys)
			return -ENOMEM;
	}
	return result;
}

static int
take(struct builder *builder, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (builder->documents++ == 0)
			return 0;
		builder->done = true;
		if (builder->root)
			builder->root->cut = true;
		return report_error(builder->reporter, mark_of(builder, event->start_mark),
		    "a second document begins here: a file holds one");
	case YAML_ALIAS_EVENT:
		return take_alias(builder, event);
	case YAML_SCALAR_EVENT:
		return take_scalar(builder, event);
	case YAML_SEQUENCE_START_EVENT:
		return take_start(builder, NODE_LIST, event->start_mark,
		    event->data.sequence_start.tag, event->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return take_start(builder, NODE_MAP, event->start_mark,
		    event->data.mapping_start.tag, event->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		builder->latest = builder->frames[--builder->depth].node;
		return 0;
	case YAML_STREAM_END_EVENT:
		builder->done = true;
		return 0;
	default:
		return 0;
	}
}

static void
cut_open(struct builder *builder)
{
	while (builder->depth)
		builder->frames[--builder->depth].node->cut = true;
}

/* What ended right before the error is suspect as well: `to: fe80::` arrives as "fe80:" before
 * libyaml stumbles, and a key that is indented too little ends the rule that it belongs to. */
static void
cut_latest(struct builder *builder)
{
	struct node *node;

	for (node = builder->latest; node; node = node->last) {
		node->cut = true;
		if (node->kind == NODE_TEXT || node->kind == NODE_EMPTY)
			node->kind = NODE_BAD;
	}
}

static int
read_events(struct builder *builder, yaml_parser_t *parser)
{
	yaml_event_t event;
	int result = 0;

	while (!builder->done) {
		if (!yaml_parser_parse(parser, &event)) {
			result =
			    worse(result, syntax_error(builder->reporter, builder->source, parser));
			cut_open(builder);
			cut_latest(builder);
			return result;
		}
		result = worse(result, take(builder, &event));
		yaml_event_delete(&event);
		if (result == -ENOMEM)
			return result;
	}
	cut_open(builder);
	return result;
}

int
document_read(
    struct arena *arena, struct reporter *reporter, struct source *source, struct node **root)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	struct builder builder = { .arena = arena, .reporter = reporter, .source = source };
	yaml_parser_t parser;
	int result;

	*root = NULL;
	if (source->length >= 3 && memcmp(source->text, byte_order_mark, 3) == 0) {
		source->text += 3;
		source->length -= 3;
	}
	result = text_check(reporter, source);
	if (result)
		return result;
	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)source->text, source->length);
	result = read_events(&builder, &parser);
	yaml_parser_delete(&parser);
	if (builder.root && builder.root->kind != NODE_EMPTY && builder.root->kind != NODE_BAD)
		*root = builder.root;
	return result;
}

const struct node *
node_get(const struct node *map, const char *key)
{
	const struct node *value;

	if (map->kind != NODE_MAP)
		return NULL;
	for (value = map->first; value; value = value->next) {
		if (strcmp(value->key->text, key) == 0)
			return value;
	}
	return NULL;
}

bool
document_is_cut(const struct node *node)
{
	const struct source *source = node->mark.source;
	const char *at = source->text, *end = source->text + source->length;
	uint32_t i;

	if (node->kind != NODE_TEXT || !node->plain)
		return false;
	for (i = 1; i < node->end_line && at; i++) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	/* Columns are characters. */
	for (i = 1; at && at < end && i < node->end_column; i++) {
		do
			at++;
		while (at < end && ((unsigned char)*at & 0xc0) == 0x80);
	}
	while (at && at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at && at < end && *at == '#';
}

const char *
node_kind_name(const struct node *node)
{
	switch (node->kind) {
	case NODE_TEXT:
		return "text";
	case NODE_LIST:
		return "a list";
	case NODE_MAP:
		return "a mapping";
	case NODE_EMPTY:
		return "nothing";
	case NODE_BAD:
		break;
	}
	return "something unreadable";
}
