/* libxml2's SAX2 interface, which builds nothing: it finds the tags, resolves
 * namespaces and entities, checks the characters, and tells. */
#include <string.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "measure.h"

static void start(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int nb_namespaces,
		  const xmlChar **namespaces, int nb_attributes, int nb_defaulted, const xmlChar **attributes)
{
	elements++;
}

static void end(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
}

static void text(void *ctx, const xmlChar *ch, int len)
{
	characters += len;
}

static void parse(void)
{
	static xmlSAXHandler handler;
	handler.initialized = XML_SAX2_MAGIC;
	handler.startElementNs = start;
	handler.endElementNs = end;
	handler.characters = text;
	xmlParserCtxtPtr ctxt = xmlCreateMemoryParserCtxt(data, size);
	if (!ctxt) {
		fprintf(stderr, "libxml2: no context\n");
		exit(1);
	}
	xmlSAXHandlerPtr own = ctxt->sax;
	ctxt->sax = &handler;
	xmlCtxtUseOptions(ctxt, XML_PARSE_HUGE | XML_PARSE_NONET);
	int failed = xmlParseDocument(ctxt) != 0 || !ctxt->wellFormed;
	ctxt->sax = own;
	xmlFreeParserCtxt(ctxt);
	if (failed) {
		fprintf(stderr, "libxml2: the document does not parse\n");
		exit(1);
	}
}
