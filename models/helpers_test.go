package models_test

import "os"

func mustRead(name string) string {
	raw, err := os.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(raw)
}
