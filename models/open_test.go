package models_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"parkregistry/models"
)

// TestSQLiteFileNames: the database is in the file that the settings name, whatever its folder is called.
func TestSQLiteFileNames(t *testing.T) {
	for _, folder := range []string{"plain", "园区 数据", "a#b", "100%41"} {
		t.Run(folder, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), folder, "park.db")
			db, err := models.Open(context.Background(), models.Config{URL: "sqlite:" + file, PoolSize: 2})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Migrate(context.Background()); err != nil {
				t.Fatal(err)
			}
			if err := db.Current(context.Background()); err != nil {
				t.Errorf("readers and the writer do not share a file: %v", err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(file); err != nil || info.Size() == 0 {
				t.Errorf("the named file is empty: %v", err)
			}
		})
	}
}
