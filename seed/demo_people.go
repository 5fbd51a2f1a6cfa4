package seed

import (
	"fmt"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// people are who acts in the city: the demonstration accounts, and persons in
// whose name the rest of the history was written and who cannot sign in.
type people struct {
	c         *city
	bureau    models.ID
	admin     models.ID
	accounts  []demoAccount
	extras    []account.User
	parks     map[models.ID]models.ID // the person of a park's body
	districts map[string][2]models.ID // two inspectors of a district
	firms     map[models.ID]models.ID // the person of a firm
}

// demoAccount is one of the accounts that the contract names.
type demoAccount struct {
	id                           models.ID
	username, name, organisation string
	role                         policies.Role
	jurisdiction                 string
	park                         *registry.Park
	firm                         *firm
}

func (p *people) start(c *city) {
	*p = people{c: c, parks: map[models.ID]models.ID{}, districts: map[string][2]models.ID{}, firms: map[models.ID]models.ID{}}
	p.bureau = p.account("bureau", "示例市局管理员", "示例市生态环境局", policies.BureauAdmin)
	p.account("analyst", "示例市局分析员", "示例市生态环境局", policies.BureauAnalyst)
	p.account("auditor", "示例审计员", "示例市生态环境局", policies.Auditor)
	p.admin = p.account("admin", "示例系统管理员", "示例市生态环境局", policies.Admin)
	for _, j := range code.Jurisdictions() {
		body := "示例" + j.Name() + "管理局"
		two := [2]models.ID{}
		for i, suffix := range []string{"", "-2"} {
			username := "district-" + string(j) + suffix
			switch username {
			case "district-baoan", "district-baoan-2", "district-longgang", "district-dapeng":
				two[i] = p.account(username, fmt.Sprintf("示例%s检查员%d", j.Name(), i+1), body, policies.DistrictInspector)
				p.accounts[len(p.accounts)-1].jurisdiction = string(j)
			default:
				two[i] = p.extra("sample-"+username, fmt.Sprintf("示例%s检查员%d", j.Name(), i+1), body)
			}
		}
		p.districts[string(j)] = two
	}
}

func (p *people) account(username, name, organisation string, role policies.Role) models.ID {
	id := p.c.id(p.c.start.Add(-41).Start())
	p.accounts = append(p.accounts, demoAccount{id: id, username: username, name: name, organisation: organisation, role: role})
	return id
}

// extra is a person who cannot sign in: no password fits an empty hash.
func (p *people) extra(username, name, organisation string) models.ID {
	at := p.c.start.Add(-41).Start().UTC()
	u := account.User{Versioned: p.c.fresh(at), Username: username, DisplayName: name, Organisation: organisation, PasswordChangedAt: at, Demo: true,
		DisabledAt: &at, DisabledReason: "示例人物，只出现在历史记录中，不能登录"}
	p.extras = append(p.extras, u)
	return u.ID
}

// parkBody is the person of a park's management body.
func (p *people) parkBody(park *registry.Park) models.ID {
	if id, ok := p.parks[park.ID]; ok {
		return id
	}
	var id models.ID
	switch park.Code {
	case "SZ-01":
		id = p.account("park-jiangbi", "示例江碧园区管理员", park.OperatorName, policies.ParkManager)
		p.accounts[len(p.accounts)-1].park = park
	case "SZ-02":
		id = p.account("park-zhonghe", "示例中和盛世园区管理员", park.OperatorName, policies.ParkManager)
		p.accounts[len(p.accounts)-1].park = park
	default:
		id = p.extra("sample-park-"+strings.ToLower(park.Code), "示例园区管理员 "+park.Code, park.OperatorName)
	}
	p.parks[park.ID] = id
	return id
}

// firm is the person of a firm; the first firm of the first park has an account.
func (p *people) firm(f *firm, first bool) models.ID {
	if id, ok := p.firms[f.row.ID]; ok {
		return id
	}
	var id models.ID
	if first {
		id = p.account("enterprise-demo", "示例企业环保专员", f.row.Name, policies.EnterpriseUser)
		p.accounts[len(p.accounts)-1].firm = f
	} else {
		id = p.extra(fmt.Sprintf("sample-firm-%03d", len(p.firms)+1), "示例企业环保专员", f.row.Name)
	}
	p.firms[f.row.ID] = id
	return id
}

// district is an inspector of a district.
func (p *people) district(jurisdiction string) models.ID { return p.districts[jurisdiction][0] }
