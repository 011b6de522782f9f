/* What the C programs share: a file in memory, so many passes over it, and the
 * processor time that they took, printed as one line of JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static char *data;
static long size;
static long elements, characters;

/* parse makes one pass over data; it ends the program where it cannot. */
static void parse(void);

static double processor(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e9 +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e3;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: %s FILE PASSES\n", argv[0]);
		return 2;
	}
	FILE *f = fopen(argv[1], "rb");
	if (!f) {
		perror(argv[1]);
		return 1;
	}
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	data = malloc(size + 1);
	if (!data || fread(data, 1, size, f) != (size_t)size) {
		fprintf(stderr, "%s: cannot be read\n", argv[1]);
		return 1;
	}
	data[size] = 0;
	fclose(f);
	int passes = atoi(argv[2]);
	parse(); /* warms caches and tables */
	elements = characters = 0;
	double before = processor();
	for (int i = 0; i < passes; i++)
		parse();
	double took = processor() - before;
	printf("{\"cpu_ns\": %.0f, \"elements\": %ld, \"characters\": %ld}\n",
	       took / passes, elements / passes, characters / passes);
	return 0;
}
