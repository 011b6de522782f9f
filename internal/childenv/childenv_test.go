package childenv

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOnlyWhatIsAllowedIsHandedOn(t *testing.T) {
	environ := []string{
		"PATH=/bin", "HOME=/home/anna", "LC_ALL=C.UTF-8", "TZ=UTC", "EXCONN_MASTER_KEY=k", "AWS_SECRET_ACCESS_KEY=k", "PGPASSWORD=p",
		"LD_PRELOAD=evil.so", "DISPLAY=:0", "=C:=C:\\", "odd", "EMPTY=", "exconn_x=1",
	}
	got := from(environ, false, []string{"DISPLAY", "EXCONN_MASTER_KEY", "exconn_x"})
	want := []string{"PATH=/bin", "HOME=/home/anna", "LC_ALL=C.UTF-8", "TZ=UTC", "DISPLAY=:0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNamesOfWindowsDoNotDependOnCase(t *testing.T) {
	got := from([]string{"Path=C:\\Windows", "SystemRoot=C:\\Windows", "Exconn_Master_Key=k", "HOME=x"}, true, nil)
	want := []string{"Path=C:\\Windows", "SystemRoot=C:\\Windows"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestItIsNeverNil(t *testing.T) {
	if got := from(nil, false, nil); got == nil {
		t.Error("nil, which a child would take for everything")
	}
}

func TestEnvironIsThisProcesss(t *testing.T) {
	t.Setenv("LC_CHILDENV_TEST", "1")
	t.Setenv("EXCONN_CHILDENV_TEST", "1")
	got := Environ("EXCONN_CHILDENV_TEST")
	if !slices.Contains(got, "LC_CHILDENV_TEST=1") || slices.Contains(got, "EXCONN_CHILDENV_TEST=1") {
		t.Errorf("%q", got)
	}
}
