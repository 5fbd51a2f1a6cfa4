package registry

import (
	"maps"
	"slices"

	"parkregistry/internal/fault"
)

var sectorNames = map[string]fault.Text{
	"surface_treatment": fault.T("表面处理"), "pcb": fault.T("电路板"), "dyeing": fault.T("染整"), "biopharma": fault.T("生物医药"), "pharma": fault.T("制药"), "jewellery": fault.T("珠宝"),
	"electronics": fault.T("电子"), "printing": fault.T("印刷"), "packaging": fault.T("包装"), "furniture": fault.T("家具"), "medical_device": fault.T("医疗器械"), "metal": fault.T("精密金属制品"),
}

// SectorName is a main industry of the pilot's parks (主导行业) in words; a code that is
// none of the register's stands for itself.
func SectorName(code string) fault.Text {
	if name, known := sectorNames[code]; known {
		return name
	}
	return fault.Named(code, code)
}

// Sectors are the codes of the main industries that have a name.
func Sectors() []string { return slices.Sorted(maps.Keys(sectorNames)) }
