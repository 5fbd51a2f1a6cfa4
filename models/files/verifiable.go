package files

import (
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Verifiable is what verify compares of the attachments: each row with its leaf, and
// the stored bytes with both. Without a store the rows alone are looked at.
func Verifiable(store *Store) []audit.Source {
	s := audit.SourceOf[Attachment]("attachment", policies.AttachmentRead, nil)
	if store != nil {
		s.Look = store.look
	}
	return []audit.Source{s}
}

// look compares the stored bytes of attachments with their rows.
func (s *Store) look(attachments []audit.Object) error {
	for i, o := range attachments {
		if !o.Head.Null("discarded_at") {
			continue
		}
		sound, err := s.sound([]byte(o.Head.Text("sha256")), o.Head.Int("size"))
		if err != nil {
			return err
		}
		if !sound {
			attachments[i].Fault = "附件文件缺失，或者内容与登记的不一致"
		}
	}
	return nil
}
