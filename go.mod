module parkregistry

go 1.26
