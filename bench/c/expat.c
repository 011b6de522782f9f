/* expat with namespaces: it finds the tags, resolves namespaces and entities,
 * and tells. */
#include <expat.h>

#include "measure.h"

static void XMLCALL start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	elements++;
}

static void XMLCALL end(void *ctx, const XML_Char *name)
{
}

static void XMLCALL text(void *ctx, const XML_Char *s, int len)
{
	characters += len;
}

static void parse(void)
{
	XML_Parser p = XML_ParserCreateNS(NULL, ' ');
	if (!p) {
		fprintf(stderr, "expat: no parser\n");
		exit(1);
	}
	XML_SetElementHandler(p, start, end);
	XML_SetCharacterDataHandler(p, text);
	if (XML_Parse(p, data, size, 1) != XML_STATUS_OK) {
		fprintf(stderr, "expat: %s\n", XML_ErrorString(XML_GetErrorCode(p)));
		exit(1);
	}
	XML_ParserFree(p);
}
